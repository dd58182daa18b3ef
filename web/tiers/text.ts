import { texts } from '../i18n/language.ts'
import type { Mistake } from './mistakes.ts'

function mistake(found: Mistake): string {
  switch (found.kind) {
    case 'name':
      return '1 to 32 of a–z, 0–9 and dash, not beginning with a dash'
    case 'sameName':
      return 'This name is there twice'
    case 'noCount':
      return 'A whole number, 0 or more'
    case 'reversed':
      return 'Less than where it begins'
    case 'gap':
      return `Must be ${found.expected}: no level has the counts before it`
    case 'overlap':
      return `Must be ${found.expected}: it overlaps with the level before`
  }
}

function koreanMistake(found: Mistake): string {
  switch (found.kind) {
    case 'name':
      return 'a–z, 0–9, 줄표로 1~32자, 줄표로 시작할 수 없습니다'
    case 'sameName':
      return '같은 이름이 이미 있습니다'
    case 'noCount':
      return '0 이상의 정수를 입력하세요'
    case 'reversed':
      return '시작 값보다 작습니다'
    case 'gap':
      return `앞 구간과 사이가 비어 있습니다. 필요한 값: ${found.expected}`
    case 'overlap':
      return `앞 구간과 겹칩니다. 필요한 값: ${found.expected}`
  }
}

type Columns = [name: string, from: string, to: string, keptIn: string]

export const tiersText = texts(
  {
    title: 'Storage',
    levels: 'Levels',
    levelsHint:
      'The count of an MP3 or MP4 is how often it was downloaded or played. A level keeps those whose count is in its range in one storage class. The highest count rises by itself.',
    columns: ['Name', 'Count from', 'Count to', 'Kept in'] as Columns,
    newLevel: 'new level',
    addLevel: 'Add a level',
    remove: 'Remove',
    removeNamed: (name: string) => `Remove ${name}`,
    save: 'Save',
    saved: 'Saved. What belongs elsewhere now is moved soon.',
    undo: 'Undo changes',
    askLeave: 'The levels are not saved. Leave all the same?',
    mistake,
    use: 'What is kept, and what it costs',
    objects: 'Objects',
    size: 'Size',
    cost: 'US$ a month',
    noMoves: 'Nothing was moved in the last 30 days.',
    moves: (count: number, fees: string, saves: string, saved: string) =>
      `In the last 30 days ${count === 1 ? '1 object was' : `${count} objects were`} moved, for fees of ${fees}. That saves ${saves} a month, and has saved ${saved} so far.`,
  },
  {
    title: '저장소',
    levels: '등급',
    levelsHint:
      'MP3나 MP4를 다운로드하거나 재생한 횟수가 어느 등급의 범위에 드는지에 따라 그 등급의 저장소 클래스에 보관합니다. 가장 높은 횟수는 자동으로 올라갑니다.',
    columns: ['이름', '횟수 시작', '횟수 끝', '저장소 클래스'],
    newLevel: '새 등급',
    addLevel: '등급 추가',
    remove: '제거',
    removeNamed: (name) => `${name} 제거`,
    save: '저장',
    saved: '저장했습니다. 옮겨야 할 파일은 곧 옮겨집니다.',
    undo: '변경 취소',
    askLeave: '등급을 저장하지 않았습니다. 그래도 나갈까요?',
    mistake: koreanMistake,
    use: '보관량과 비용',
    objects: '파일 수',
    size: '크기',
    cost: '월 비용(US$)',
    noMoves: '최근 30일 동안 옮긴 파일이 없습니다.',
    moves: (count, fees, saves, saved) =>
      `최근 30일 동안 파일 ${count}개를 옮겼고 수수료는 ${fees}입니다. 한 달에 ${saves}를 절약하며, 지금까지 ${saved}를 절약했습니다.`,
  },
)
