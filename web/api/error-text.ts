import type { ProblemCode } from '../../lib/problems.ts'
import { language, type Language } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { ApiError, PageError, unknownCode, type MishapCode } from './errors.ts'

/** The API's details are in English, and say more than these. */
const korean: Record<ProblemCode | MishapCode, string> = {
  NO_ANSWER: '서버에 연결할 수 없습니다. 네트워크 연결을 확인하세요.',
  FILE_UNREADABLE:
    '파일을 더 이상 읽을 수 없습니다. 이동·변경·삭제되었거나 저장 장치가 분리되었습니다. 파일을 되돌려 놓고 다시 시도하거나, 여기서 제거한 뒤 다시 선택하세요.',
  FILE_DIFFERENT: '업로드를 시작한 파일과 다른 파일입니다.',
  FILE_DAMAGED: '전송 중에 파일이 손상되었습니다. 다시 시도하세요.',
  NOT_DOWNLOADED: '다운로드가 시작되지 않았습니다. 파일이 없거나 서버에 연결할 수 없습니다. 다시 시도하세요.',
  NOT_BEGUN: '브라우저가 재생을 허용하지 않았습니다. 재생을 한 번 더 누르세요.',
  CANNOT_PLAY_MP3: '이 브라우저에서는 MP3를 재생할 수 없습니다. 다운로드하세요.',
  CANNOT_PLAY_MP4: '이 브라우저에서는 영상을 재생할 수 없습니다. MP4를 다운로드하세요.',
  NO_SETTINGS: '설정 파일(config.json)을 읽을 수 없습니다.',
  SESSIONS_LOST: '저장소에서 업로드가 거듭 유실되었습니다.',
  BAD_REQUEST: '요청 형식이 잘못되었습니다.',
  BAD_JSON: '요청 본문이 올바른 JSON이 아닙니다.',
  BAD_MULTIPART: '업로드 형식이 잘못되었습니다.',
  NO_FILE: '파일이 없습니다.',
  TOO_MANY_FILES: '한 번에 파일 하나만 보낼 수 있습니다.',
  EMPTY_FILE: '빈 파일입니다.',
  FIELD_AFTER_FILE: '파일 뒤에 항목이 있습니다.',
  TOKEN_MISSING: '로그인이 필요합니다.',
  TOKEN_INVALID: '로그인 정보가 유효하지 않습니다. 다시 로그인하세요.',
  TOKEN_EXPIRED: '로그인이 만료되었습니다. 다시 로그인하세요.',
  BAD_CREDENTIALS: '이메일 또는 비밀번호가 올바르지 않습니다.',
  FORBIDDEN: '권한이 없습니다.',
  WRONG_PASSWORD: '현재 비밀번호가 올바르지 않습니다.',
  STORAGE_QUOTA_EXCEEDED: '이 계정의 저장 공간이 가득 찼습니다. 필요 없는 파일을 삭제하세요.',
  NOT_FOUND: '찾을 수 없습니다. 이미 삭제되었을 수 있습니다.',
  METHOD_NOT_ALLOWED: '허용되지 않는 요청입니다.',
  REQUEST_TIMEOUT: '요청이 제때 도착하지 않았습니다. 다시 시도하세요.',
  CONFLICT: '지금 상태에서는 할 수 없습니다.',
  NOT_COMPLETED: '파일이 아직 준비되지 않았습니다.',
  SOURCE_GONE: '원본 동영상이 이미 삭제되었습니다. 다시 업로드하세요.',
  MOVE_UNDER_WAY: '파일을 옮기는 중입니다. 잠시 후 다시 확인하세요.',
  EMAIL_TAKEN: '이미 사용 중인 이메일입니다.',
  OWN_ACCOUNT: '자신의 계정에는 할 수 없습니다.',
  PAYLOAD_TOO_LARGE: '요청이 너무 큽니다.',
  FILE_TOO_LARGE: '이 계정에 허용된 크기보다 큰 파일입니다.',
  UNSUPPORTED_MEDIA_TYPE: '지원하지 않는 형식입니다.',
  RANGE_NOT_SATISFIABLE: '파일에 그런 구간이 없습니다.',
  UNPROCESSABLE: '값이 올바르지 않습니다.',
  TOO_MANY_REQUESTS: '요청이 너무 많습니다. 잠시 후 다시 시도하세요.',
  TOO_MANY_JOBS: '동시에 처리할 수 있는 작업 수를 넘었습니다. 다른 작업이 끝나면 계속됩니다.',
  HEADERS_TOO_LARGE: '요청 헤더가 너무 큽니다.',
  INTERNAL: '서버에서 오류가 발생했습니다. 다시 시도하세요.',
  UNAVAILABLE: '지금은 사용할 수 없습니다. 잠시 후 다시 시도하세요.',
  INSUFFICIENT_STORAGE: '저장 장치가 가득 찼습니다.',
}

const knownInKorean = (code: string): code is keyof typeof korean => Object.hasOwn(korean, code)

/** What a person is to read of something thrown; `english` is what nobody has put into the page's language. */
interface ErrorWords {
  text: string
  english?: string
}

export function errorWords(error: unknown, tag: Language): ErrorWords {
  const message = error instanceof Error ? error.message : String(error)
  if (tag === 'en') return { text: message }
  const isCoded = error instanceof ApiError || error instanceof PageError
  if (isCoded && knownInKorean(error.code)) return { text: korean[error.code] }
  if (error instanceof ApiError && error.code === unknownCode)
    return { text: `서버가 알 수 없는 응답을 보냈습니다(상태 코드 ${error.status}).` }
  return {
    text: error instanceof ApiError ? '서버가 거부했습니다.' : '오류가 발생했습니다.',
    english: message,
  }
}

/** The same as one text. */
export function errorText(error: unknown, tag: Language): string {
  const { text, english } = errorWords(error, tag)
  return english === undefined ? text : `${text} ${english}`
}

/** The same, in the language that is chosen. */
export function useErrorText(): (error: unknown) => string {
  const chosen = useStore(language)
  return (error) => errorText(error, chosen)
}
