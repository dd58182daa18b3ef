import type { Answer } from '../../lib/http/answer.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import { readToken } from '../shared/authenticate.ts'
import { issueToken } from './tokens.ts'

const mostDays = 30
const renewableSeconds = mostDays * 24 * 60 * 60

/** A new token for one that is valid, until the password was given too long ago. */
export async function renewToken({ req, user }: Pick<UserCall, 'req' | 'user'>): Promise<Answer> {
  const { ver, loggedInAt } = await readToken(req.headers.authorization)
  if (Date.now() / 1000 >= loggedInAt + renewableSeconds) {
    const detail = `Tokens can be renewed for ${mostDays} days after a login; this one was longer ago. Sign in again.`
    throw new Problem('FORBIDDEN', detail)
  }
  // Not the version that the account's tokens have by now: what has ended the old one meanwhile ends the new one too.
  return { status: 200, body: await issueToken(user.id, ver, loggedInAt) }
}
