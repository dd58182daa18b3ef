import * as z from 'zod'
import type { Answer } from '../../lib/http/answer.ts'
import { readJson } from '../../lib/http/input.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import { tokenVersionOf, users, type PasswordHash } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import { newPassword } from './new-password.ts'
import { hashPassword, verifyPassword } from './passwords.ts'
import { throttled } from './throttle.ts'
import { issueToken } from './tokens.ts'

const change = z.strictObject({
  currentPassword: z.string({ error: 'must be a text' }),
  newPassword,
})

/** Sets the caller's password and ends all tokens of the account, but gives the caller a new one to go on with. */
export async function changePassword({ req, user }: UserCall): Promise<Answer> {
  const { currentPassword, newPassword } = await readJson(req, change)
  const trier = { req, userId: user.id, isSignedIn: true }
  const stored = await throttled(trier, () => verified(user.id, currentPassword))
  const tokenVersion = stored && (await replace(user.id, stored, await hashPassword(newPassword)))
  if (tokenVersion === undefined)
    throw new Problem('WRONG_PASSWORD', 'The current password is wrong; nothing was changed.')
  return { status: 200, body: await issueToken(user.id, tokenVersion) }
}

async function verified(id: string, password: string): Promise<PasswordHash | undefined> {
  const records = await platform().records()
  const { data } = await records.get(users, id)
  return (await verifyPassword(password, data?.password)) ? data?.password : undefined
}

/** The version that the account's tokens have from now on; undefined where the password is no longer the one that was verified. */
async function replace(id: string, stored: PasswordHash, next: PasswordHash): Promise<number | undefined> {
  const records = await platform().records()
  return records.transact(async (tx) => {
    const { data: user } = await tx.get(users, id)
    if (user?.password.hash !== stored.hash) return undefined
    const tokenVersion = tokenVersionOf(user) + 1
    tx.set(users, id, { ...user, password: next, tokenVersion })
    return tokenVersion
  })
}
