import type { UserRecord } from '../users.ts'
import { because, type DeliveryReason } from './reasons.ts'

/** One plain address: no quotes, brackets or commas, by which it could become another one, or several. */
const plain = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@([\p{L}\p{N}-]+\.)+(?<topLevel>[\p{L}\p{N}-]+)$/u

/** Names that are in no public DNS, and never will be (RFC 2606, 6761, 6762). */
const nowhere = ['localhost', 'local', 'test', 'example', 'invalid']

/** Why no mail can get to this address at all, as to `admin@localhost`; undefined if it can. */
export function whyUnreachable(address: string): DeliveryReason | undefined {
  const topLevel = plain.exec(address)?.groups?.['topLevel']
  if (topLevel !== undefined && !nowhere.includes(topLevel.toLowerCase())) return undefined
  return because('BAD_ADDRESS', `${address} is no address that mail can get to.`)
}

/** Whether this user wants mail. */
export const wantsMail = (user: UserRecord): boolean => user.notifications?.mail !== false

/** Why no mail goes to this user; undefined if it does. */
export const whyNoMail = (user: UserRecord): DeliveryReason | undefined =>
  wantsMail(user) ? whyUnreachable(user.email) : because('MAIL_OFF')
