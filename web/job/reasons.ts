import type { DeliveryView } from '../../lib/notifications/delivery.ts'
import type { DeliveryReasonCode } from '../../lib/notifications/reasons.ts'
import type { Language } from '../i18n/language.ts'

const korean: Record<DeliveryReasonCode, string> = {
  NO_MAIL_SERVER: '메일 서버가 설정되어 있지 않습니다.',
  MAIL_OFF: '메일 알림이 꺼져 있습니다.',
  BAD_ADDRESS: '메일을 받을 수 없는 주소입니다.',
  NO_ACCOUNT: '계정이 없거나 사용 중지되었습니다.',
  JOB_DELETED: '작업이 삭제되었습니다.',
  JOB_TAKEN_UP: '보내기 전에 작업이 다시 시작되었습니다.',
  WEBHOOK_REMOVED: '웹훅이 제거되었습니다.',
  INTERRUPTED: '전송이 중단되었으며 다시 시도하지 않습니다.',
  SERVER_ENDED: '서버가 종료되는 중이었습니다.',
  BAD_URL: '호출할 수 없는 주소입니다.',
  NOT_REACHED: '연결할 수 없습니다.',
  NO_ANSWER: '제한 시간 안에 응답이 없었습니다.',
  ANSWERED: '오류로 응답했습니다.',
  LOGIN_REFUSED: '메일 서버가 로그인을 거부했습니다.',
  MAIL_REFUSED: '메일 서버가 받지 않았습니다.',
  UNCERTAIN: '메일 서버가 받았는지 알 수 없습니다. 다시 보내지 않습니다.',
}

/** Where the sentence says more than the code: what the other side, or the network, has said. */
const further: readonly DeliveryReasonCode[] = ['BAD_URL', 'NOT_REACHED', 'ANSWERED', 'MAIL_REFUSED']

type Told = Pick<DeliveryView, 'reason' | 'reasonCode'>

/** Why something was not sent, in the page's language; and what can be said in English only. */
export function reasonIn(
  { reason = '', reasonCode }: Told,
  tag: Language,
): { text: string; english?: string } {
  if (tag === 'en') return { text: reason }
  const text = reasonCode === undefined ? '' : (korean[reasonCode] ?? '')
  return text === '' || (reasonCode && further.includes(reasonCode)) ? { text, english: reason } : { text }
}
