import type { Answer } from '../../lib/http/answer.ts'
import type { Call } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import { tokenVersionOf, userId, users, type UserRecord } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import { ensureAdmin } from './admin.ts'
import { readBasicCredentials } from './basic.ts'
import { hashPassword, isOutdated, verifyPassword } from './passwords.ts'
import { throttled } from './throttle.ts'
import { issueToken } from './tokens.ts'

/** A token for whoever knows an account's password. */
export async function logIn({ req }: Pick<Call, 'req'>): Promise<Answer> {
  const { email, password } = readBasicCredentials(req.headers.authorization)
  const id = userId(email)
  const user = await throttled({ req, userId: id }, () => findActive(id, password))
  if (!user) throw new Problem('BAD_CREDENTIALS', 'There is no account with this e-mail and this password.')
  if (isOutdated(user.password)) await renewHash(id, user.password.hash, password)
  return { status: 200, body: await issueToken(id, tokenVersionOf(user)) }
}

/** The account, if it is active and this is its password. All else takes as long, so that nobody learns which it was. */
async function findActive(id: string, password: string): Promise<UserRecord | undefined> {
  await ensureAdmin()
  const records = await platform().records()
  const { data: user } = await records.get(users, id)
  const right = await verifyPassword(password, user?.password)
  return right && !user?.disabled ? user : undefined
}

/** Only at a login the password is there to be hashed as it is done today. */
async function renewHash(id: string, oldHash: string, password: string): Promise<void> {
  const renewed = await hashPassword(password)
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data: user } = await tx.get(users, id)
    if (user?.password.hash === oldHash) tx.set(users, id, { ...user, password: renewed })
  })
}
