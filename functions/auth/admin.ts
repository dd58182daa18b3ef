import { readConfig } from '../../lib/config.ts'
import { serverTime } from '../../lib/server-time.ts'
import { normalEmail, userId, users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import { hashPassword } from './passwords.ts'

let ensured: Promise<void> | undefined

/** Makes the first account from ADMIN_EMAIL and ADMIN_PASSWORD, unless it is there: its password may have been changed since. */
export function ensureAdmin(): Promise<void> {
  ensured ??= makeAdmin().catch((error: unknown) => {
    ensured = undefined
    throw error
  })
  return ensured
}

async function makeAdmin(): Promise<void> {
  const { ADMIN_EMAIL, ADMIN_PASSWORD } = readConfig(['ADMIN_EMAIL', 'ADMIN_PASSWORD'])
  if (ADMIN_PASSWORD === undefined) return
  const records = await platform().records()
  const id = userId(ADMIN_EMAIL)
  if ((await records.get(users, id)).data) return
  const password = await hashPassword(ADMIN_PASSWORD)
  await records.transact(async (tx) => {
    const { data } = await tx.get(users, id)
    if (data) return
    const email = normalEmail(ADMIN_EMAIL)
    tx.create(users, id, { email, role: 'admin', password, disabled: false, createdAt: serverTime() })
  })
}
