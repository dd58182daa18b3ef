/**
 * Why a delivery is not made, or not yet; and the sentence that says so, unless it can say more than this. Stable: clients match
 * on the codes.
 */
export const deliveryReasons = {
  NO_MAIL_SERVER: 'The mail server is not set up.',
  MAIL_OFF: 'The owner has switched mail off.',
  BAD_ADDRESS: 'No mail can get to this address.',
  NO_ACCOUNT: 'The owner has no active account.',
  JOB_DELETED: 'The job was deleted.',
  JOB_TAKEN_UP: 'The job was taken up again before this could be sent.',
  WEBHOOK_REMOVED: 'The webhook was removed.',
  INTERRUPTED: 'It was interrupted, and is not tried again.',
  SERVER_ENDED: 'The server was told to end.',
  BAD_URL: 'The URL must not be called.',
  NOT_REACHED: 'It could not be reached.',
  NO_ANSWER: 'It did not answer in time.',
  ANSWERED: 'It answered with an error.',
  LOGIN_REFUSED: 'The mail server does not let Tapedeck in.',
  MAIL_REFUSED: 'The mail server has not taken it.',
  UNCERTAIN: 'The connection broke before the server said whether it has the mail; it is not sent twice.',
} as const

export type DeliveryReasonCode = keyof typeof deliveryReasons

export interface DeliveryReason {
  reasonCode: DeliveryReasonCode
  /** A sentence. */
  reason: string
}

export const because = (
  reasonCode: DeliveryReasonCode,
  reason: string = deliveryReasons[reasonCode],
): DeliveryReason => ({ reasonCode, reason })
