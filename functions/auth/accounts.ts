import * as z from 'zod'
import type { Answer } from '../../lib/http/answer.ts'
import { pageLimit, readJson, readQuery } from '../../lib/http/input.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { Problem } from '../../lib/problems.ts'
import { withChange } from '../../lib/quota.ts'
import { serverTime } from '../../lib/server-time.ts'
import { normalEmail, tokenVersionOf, userId, users, type UserRecord } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import { newPassword } from './new-password.ts'
import { hashPassword } from './passwords.ts'

const listQuery = z.object({
  limit: pageLimit,
  pageToken: z
    .string()
    .max(1000, 'must be the nextPageToken of an earlier page')
    .transform((token) => Buffer.from(token, 'base64url').toString())
    .optional(),
})

/** All accounts, by e-mail, a page at a time. The token of the next page holds the last address of this one. */
export async function listAccounts({ url }: UserCall): Promise<Answer> {
  const { limit, pageToken: last } = readQuery(url, listQuery)
  const records = await platform().records()
  const { records: page } = await records.query({
    collection: users,
    orderBy: { field: 'email', direction: 'asc' },
    ...(last && { after: { value: last, id: userId(last) } }),
    limit,
  })
  const next = page.length === limit ? page.at(-1)?.data.email : undefined
  const nextPageToken = next && Buffer.from(next).toString('base64url')
  return { status: 200, body: { users: page.map(({ id, data }) => view(id, data)), nextPageToken } }
}

const newAccount = z.strictObject({
  email: z
    .string({ error: 'must be a text' })
    .trim()
    .max(254, 'must have at most 254 characters')
    // HTTP Basic, by which one signs in, ends the name at the first colon. And what is not seen (DI) is no part of a name.
    .regex(/^[^\s@:\p{C}\p{DI}]+@[^\s@:\p{C}\p{DI}]+$/u, 'must be an e-mail address, without a colon'),
  password: newPassword,
  role: z.enum(['admin', 'user'], { error: 'must be admin or user' }).default('user'),
})

/** Makes an account. */
export async function createAccount({ req }: UserCall): Promise<Answer> {
  const { email: address, password, role } = await readJson(req, newAccount)
  const email = normalEmail(address)
  const id = userId(email)
  const hash = await hashPassword(password)
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data } = await tx.get(users, id)
    if (data) throw new Problem('EMAIL_TAKEN', `There is an account with the e-mail ${email} already.`)
    tx.create(users, id, { email, role, password: hash, disabled: false, createdAt: serverTime() })
  })
  return { status: 201, body: await viewOf(id) }
}

const limit = z
  .union([z.int().positive(), z.literal('unlimited'), z.null()], {
    error: 'must be a whole number from 1 on, "unlimited", or null for the default',
  })
  .optional()

const accountChange = z
  .strictObject({
    disabled: z.boolean({ error: 'must be true or false' }).optional(),
    quota: z.strictObject({ storedBytes: limit, jobs: limit, fileBytes: limit }).optional(),
  })
  .refine(({ disabled, quota }) => disabled !== undefined || quota !== undefined, {
    message: 'must say what to change: disabled, quota or both',
  })
type AccountChange = z.output<typeof accountChange>

/** Disables an account, which ends its tokens for good, or enables it again; sets limits of its own. */
export async function updateAccount({ req, params, user: caller }: UserCall): Promise<Answer> {
  const { id = '' } = params
  const change = await readJson(req, accountChange)
  if (change.disabled && id === caller.id)
    throw new Problem('OWN_ACCOUNT', 'You cannot disable your own account: another administrator can.')
  if (!/^[0-9a-f]{32}$/.test(id)) throw noAccount(id)
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data: user } = await tx.get(users, id)
    const { data: admin } = await tx.get(users, caller.id)
    if (!user) throw noAccount(id)
    // Two who disable each other at the same time would leave nobody who can enable them.
    if (admin?.disabled) throw new Problem('FORBIDDEN', 'Your own account has just been disabled.')
    tx.set(users, id, changed(user, change))
  })
  return { status: 200, body: await viewOf(id) }
}

function changed({ quota: ownLimits, ...user }: UserRecord, change: AccountChange): UserRecord {
  const quota = withChange(ownLimits, change.quota ?? {})
  const { disabled = user.disabled } = change
  const tokenVersion = tokenVersionOf(user) + (disabled === user.disabled ? 0 : 1)
  return { ...user, disabled, tokenVersion, ...(quota && { quota }) }
}

const noAccount = (id: string): Problem =>
  new Problem('NOT_FOUND', `There is no account ${JSON.stringify(id)}.`)

async function viewOf(id: string): Promise<Record<string, unknown>> {
  const records = await platform().records()
  const { data } = await records.get(users, id)
  if (!data) throw noAccount(id)
  return view(id, data)
}

/** An account as the API shows it: field by field, so that no hash gets out. */
const view = (
  id: string,
  { email, role, disabled, quota, createdAt }: UserRecord,
): Record<string, unknown> => ({ id, email, role, disabled, quota, createdAt })
