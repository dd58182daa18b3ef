import { texts } from '../i18n/language.ts'

const qualityNotes: Record<number, string> = {
  0: ' (best)',
  2: ' (very good)',
  4: ' (good)',
  9: ' (smallest)',
}
const koreanQualityNotes: Record<number, string> = {
  0: ' (최고 품질)',
  2: ' (매우 좋음)',
  4: ' (좋음)',
  9: ' (최소 용량)',
}

export const uploadsText = texts(
  {
    addFiles: 'Add files',
    dropHint: 'Drop videos anywhere on this page, or',
    chooseFiles: 'Choose files',
    dropNow: 'Drop to convert to MP3',
    quality: 'MP3 quality',
    automatic: 'Automatic (keep MP3, else 192 kbit/s)',
    constant: 'Constant bitrate',
    variable: 'Variable bitrate',
    variableName: (quality: number) => `V${quality}${qualityNotes[quality] ?? ''}`,
    waiting: (count: number) =>
      `${count === 1 ? '1 file is waiting' : `${count} files are waiting`} to be uploaded`,
    status: {
      waiting: 'Waiting to be uploaded',
      sending: 'Uploading',
      interrupted: 'Interrupted, trying again',
      sent: 'Uploaded',
      failed: 'Upload failed',
    },
    cancel: 'Cancel',
    cancelNamed: (name: string) => `Cancel ${name}`,
    remove: 'Remove',
    removeNamed: (name: string) => `Remove ${name}`,
    tryAgain: 'Try again',
    tryAgainNamed: (name: string) => `Try again: ${name}`,
  },
  {
    addFiles: '파일 추가',
    dropHint: '이 페이지 아무 곳에나 동영상을 끌어다 놓거나',
    chooseFiles: '파일 선택',
    dropNow: '놓으면 MP3로 변환합니다',
    quality: 'MP3 품질',
    automatic: '자동 (MP3는 그대로, 그 외 192 kbit/s)',
    constant: '고정 비트레이트',
    variable: '가변 비트레이트',
    variableName: (quality) => `V${quality}${koreanQualityNotes[quality] ?? ''}`,
    waiting: (count) => `파일 ${count}개가 업로드를 기다리는 중`,
    status: {
      waiting: '업로드 대기 중',
      sending: '업로드 중',
      interrupted: '중단됨, 다시 시도하는 중',
      sent: '업로드 완료',
      failed: '업로드 실패',
    },
    cancel: '취소',
    cancelNamed: (name) => `${name} 취소`,
    remove: '제거',
    removeNamed: (name) => `${name} 제거`,
    tryAgain: '다시 시도',
    tryAgainNamed: (name) => `${name} 다시 시도`,
  },
)
