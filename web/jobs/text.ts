import type { VisibleStatus } from '../../lib/jobs/view.ts'
import type { JobErrorCode, JobWarningCode } from '../../lib/problems.ts'
import { formatPlayingTime } from '../format.ts'
import { texts } from '../i18n/language.ts'

/** What went wrong, in Korean: the API says it in English, and in more detail. */
const koreanErrors: Record<JobErrorCode, string> = {
  NOT_MEDIA: '동영상 파일이 아니거나 지원하지 않는 형식입니다.',
  NO_AUDIO: '동영상에 소리가 없습니다.',
  UNSUPPORTED_AUDIO: '지원하지 않거나 암호화된 오디오입니다.',
  TRUNCATED: '파일의 끝부분이 없습니다.',
  CORRUPT: '파일이 손상되어 읽을 수 없습니다.',
  TOO_LONG: '한 번에 변환하기에는 너무 긴 동영상입니다.',
  GAVE_UP: '여러 번 시도했지만 변환하지 못했습니다.',
  UPLOAD_ABANDONED: '업로드가 끝나지 않았습니다.',
  SOURCE_GONE: '원본 동영상이 없습니다.',
}
const koreanWarnings: Record<JobWarningCode, string> = {
  DAMAGED: '원본의 일부가 손상되어 소리가 온전하지 않을 수 있습니다.',
  TRUNCATED: '원본의 끝부분이 없어 그 앞까지만 변환했습니다.',
}

/** What goes when something is deleted. */
interface Parts {
  video: boolean
  mp4: boolean
  mp3: boolean
}

export const jobsText = texts(
  {
    yourFiles: 'Your files',
    everybodysFiles: "Everybody's files",
    status: {
      UPLOADING: 'Upload not finished',
      ENQUEUED: 'Waiting for its turn',
      NEED_CONVERT: 'Turning the AVI into an MP4',
      NO_NEED_CONVERT: 'Preparing',
      CREATING_MP3: 'Making the MP3',
      MP3_COMPLETED: 'Ready',
      FAILED: 'Failed',
    },
    error: (_code: JobErrorCode, message: string) => message,
    warning: (_code: JobWarningCode, message: string) => message,
    download: 'Download',
    downloadNamed: (name: string) => `Download ${name}`,
    retry: 'Retry',
    retryNamed: (name: string) => `Retry ${name}`,
    remove: 'Delete',
    removeNamed: (name: string) => `Delete ${name}`,
    askDelete: (count: number) => (count === 1 ? 'Delete this file?' : `Delete ${count} files?`),
    goesForGood: ({ video, mp4, mp3 }: Parts, count: number, bytes: string) => {
      const isOne = count === 1
      const parts = [
        ...(video ? [isOne ? 'the uploaded video' : 'the uploaded videos'] : []),
        ...(mp4 ? [isOne ? 'the MP4' : 'the MP4s'] : []),
        ...(mp3 ? [isOne ? 'the MP3' : 'the MP3s'] : []),
        isOne ? 'all that is known of the job' : 'all that is known of the jobs',
      ]
      return `Deleted for good: ${new Intl.ListFormat('en-GB').format(parts)}; ${bytes} in all. Nobody can bring that back.`
    },
    keep: 'Keep',
    selectNamed: (name: string) => `Select ${name}`,
    selectAll: 'Select all',
    selectRest: 'Select the others too',
    reading: (count: number) => `Reading the list: ${count} files so far`,
    stop: 'Stop',
    selected: (count: number) => `${count} selected`,
    running: {
      delete: (count: number, total: number) => `Deleting: ${count} of ${total}`,
      retry: (count: number, total: number) => `Retrying: ${count} of ${total}`,
    },
    retryCount: (count: number) => `Retry ${count}`,
    removeCount: (count: number) => `Delete ${count}`,
    someFailed: (done: number, failed: number) => `Done for ${done}, not for ${failed}:`,
    search: 'Name contains',
    searchBeginning: 'Name begins with',
    filter: 'Status',
    allStates: 'All states',
    noMatch: 'No file is like that.',
    left: (seconds: number) => `about ${formatPlayingTime(seconds)} left`,
    empty: 'Nothing here yet. What you add is listed here, with its MP3.',
    loading: 'Loading…',
    isReady: (name: string) => `${name} is ready.`,
    hasFailed: (name: string, reason: string) => `${name} failed: ${reason}`,
    facts: {
      start: 'Start',
      aviToMp4: 'AVI to MP4',
      mp4ToMp3: 'MP4 to MP3',
      total: 'Total',
      route: 'Route',
      attempts: 'Attempts',
      source: 'Source',
      mp3: 'MP3',
      told: 'Told',
    },
    copied: 'The sound was MP3 already and is kept as it was',
    notAvi: 'Not needed: this is not an AVI',
    since: (time: string) => `since ${time}`,
    channels: (count: number) => (count === 1 ? 'mono' : count === 2 ? 'stereo' : `${count} channels`),
    delivery: {
      mail: 'E-mail',
      webhook: (url: string) => `Webhook ${url}`,
      sent: (what: string, when: string) => `${what}: sent ${when}`,
      sending: (what: string) => `${what}: being sent`,
      interrupted: (what: string, when: string) =>
        `${what}: begun ${when} and interrupted; it may not have gone out, and is not sent twice`,
      due: (what: string) => `${what}: about to be sent`,
      waiting: (what: string, next: string | undefined, reason: string) =>
        `${what}: not taken yet${next ? `, next try ${next}` : ''}. ${reason}`,
      failed: (what: string, reason: string) => `${what}: failed. ${reason}`,
      skipped: (what: string, reason: string) => `${what}: not sent. ${reason}`,
    },
  },
  {
    yourFiles: '내 파일',
    everybodysFiles: '모든 사용자의 파일',
    status: {
      UPLOADING: '업로드가 끝나지 않음',
      ENQUEUED: '차례를 기다리는 중',
      NEED_CONVERT: 'AVI를 MP4로 바꾸는 중',
      NO_NEED_CONVERT: '준비 중',
      CREATING_MP3: 'MP3를 만드는 중',
      MP3_COMPLETED: '완료',
      FAILED: '실패',
    },
    error: (code) => koreanErrors[code],
    warning: (code) => koreanWarnings[code],
    download: '다운로드',
    downloadNamed: (name) => `${name} 다운로드`,
    retry: '재시도',
    retryNamed: (name) => `${name} 재시도`,
    remove: '삭제',
    removeNamed: (name) => `${name} 삭제`,
    askDelete: (count) => (count === 1 ? '이 파일을 삭제할까요?' : `파일 ${count}개를 삭제할까요?`),
    goesForGood: ({ video, mp4, mp3 }, _count, bytes) => {
      const parts = [
        ...(video ? ['업로드한 동영상'] : []),
        ...(mp4 ? ['MP4'] : []),
        ...(mp3 ? ['MP3'] : []),
        '작업 기록',
      ]
      return `${parts.join(', ')}: 모두 ${bytes}가 완전히 삭제되며 되돌릴 수 없습니다.`
    },
    keep: '그대로 두기',
    selectNamed: (name) => `${name} 선택`,
    selectAll: '모두 선택',
    selectRest: '나머지도 모두 선택',
    reading: (count) => `목록을 읽는 중: 지금까지 ${count}개`,
    stop: '중지',
    selected: (count) => `${count}개 선택됨`,
    running: {
      delete: (count, total) => `삭제 중: ${total}개 중 ${count}개`,
      retry: (count, total) => `재시도 중: ${total}개 중 ${count}개`,
    },
    retryCount: (count) => `${count}개 재시도`,
    removeCount: (count) => `${count}개 삭제`,
    someFailed: (done, failed) => `${done}개 완료, ${failed}개 실패:`,
    search: '이름에 포함된 글자',
    searchBeginning: '이름의 앞부분',
    filter: '상태',
    allStates: '모든 상태',
    noMatch: '해당하는 파일이 없습니다.',
    left: (seconds) => `약 ${formatPlayingTime(seconds)} 남음`,
    empty: '아직 파일이 없습니다. 추가한 파일과 그 MP3가 여기에 표시됩니다.',
    loading: '불러오는 중…',
    isReady: (name) => `${name} 변환이 끝났습니다.`,
    hasFailed: (name, reason) => `${name} 변환에 실패했습니다: ${reason}`,
    facts: {
      start: '시작',
      aviToMp4: 'AVI → MP4',
      mp4ToMp3: 'MP4 → MP3',
      total: '전체 시간',
      route: '처리 경로',
      attempts: '시도 횟수',
      source: '원본',
      mp3: 'MP3',
      told: '알림',
    },
    copied: '원래 MP3였던 소리를 그대로 담았습니다',
    notAvi: 'AVI가 아니어서 필요 없음',
    since: (time) => `${time}부터`,
    channels: (count) => (count === 1 ? '모노' : count === 2 ? '스테레오' : `${count}채널`),
    delivery: {
      mail: '이메일',
      webhook: (url) => `웹훅 ${url}`,
      sent: (what, when) => `${what}: ${when}에 보냄`,
      sending: (what) => `${what}: 보내는 중`,
      interrupted: (what, when) =>
        `${what}: ${when}에 보내기 시작했으나 중단됨. 전송되지 않았을 수 있으며 다시 보내지 않습니다`,
      due: (what) => `${what}: 곧 보냄`,
      waiting: (what, next, reason) =>
        `${what}: 아직 전달되지 않음${next ? `, ${next}에 다시 시도` : ''}. ${reason}`,
      failed: (what, reason) => `${what}: 실패. ${reason}`,
      skipped: (what, reason) => `${what}: 보내지 않음. ${reason}`,
    },
  },
)

/** In the order in which a job goes through them. */
export const statusNames = Object.keys(jobsText.en.status) as VisibleStatus[]
