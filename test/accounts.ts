import { basic, Client, sending } from './client.ts'

/** Somebody with an account of their own, signed in. */
export type User = Client & { id: string; email: string }

/** What users sign in with that were signed up here. */
export const userPassword = 'a long enough password'

let accounts = 0
/** An address that no other account on the server has. */
export const newEmail = (): string => `user${++accounts}@example.com`

/** Makes an account, with these limits of its own if any, and signs in to it. */
export async function signUp(
  admin: Client,
  email = newEmail(),
  quota?: Record<string, unknown>,
): Promise<User> {
  const account = { email, password: userPassword, role: 'user' }
  const { id } = await admin.json<{ id: string }>('/auth/users', sending('POST', account), 201)
  if (quota) await admin.json(`/auth/users/${id}`, sending('PATCH', { quota }))
  const headers = { authorization: basic(email, userPassword) }
  const { token } = await admin.json<{ token: string }>('/auth/login', { method: 'POST', headers })
  return Object.assign(new Client({ apiUrl: admin.apiUrl, token }), { id, email })
}
