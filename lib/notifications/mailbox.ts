import type { UserRecord } from '../users.ts'

/** One plain address: no quotes, brackets or commas, by which it could become another one, or several. */
const plain = /^[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64}@([\p{L}\p{N}-]+\.)+(?<topLevel>[\p{L}\p{N}-]+)$/u

/** Names that are in no public DNS, and never will be (RFC 2606, 6761, 6762). */
const nowhere = ['localhost', 'local', 'test', 'example', 'invalid']

/** Whether mail can get to this address at all: not to `admin@localhost`, nor to `somebody@server.local`. */
export function canGetMail(address: string): boolean {
  const topLevel = plain.exec(address)?.groups?.['topLevel']
  return topLevel !== undefined && !nowhere.includes(topLevel.toLowerCase())
}

/** Why no mail goes to this user, as a sentence; undefined if it does. */
export function whyNoMail(user: UserRecord | undefined, isConfigured: boolean): string | undefined {
  if (!isConfigured) return 'No mail server is configured (SMTP_URL).'
  if (!user || user.disabled) return "The job's owner has no active account."
  if (user.notifications?.mail === false) return 'The owner has switched mail off.'
  if (!canGetMail(user.email)) return `${user.email} is no address that mail can get to.`
  return undefined
}
