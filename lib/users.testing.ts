import type { UserRecord } from './users.ts'

/** A user in good standing, whose password nobody knows. */
export const somebody: UserRecord = {
  email: 'somebody@example.com',
  role: 'user',
  password: { algorithm: 'argon2id', memory: 1, passes: 1, parallelism: 1, salt: '', hash: '' },
  disabled: false,
  createdAt: new Date(0),
}
