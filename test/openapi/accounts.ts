import { newEmail, signUp, userPassword } from '../accounts.ts'
import { basic, sending, type Client } from '../client.ts'
import { settingsPath, testPath } from '../notifications.ts'
import { signToken, unixTime } from '../tokens.ts'
import { ask, nobodysId, sendJson, sendUntyped, untilRefused, type Ask, type Asks } from './ask.ts'
import type { World } from './world.ts'

const logIn = ({ client }: World, email: string, password: string): Promise<Response> =>
  client.fetch('/auth/login', { method: 'POST', headers: { authorization: basic(email, password) } })

const createAccount =
  (fields: Record<string, string>): Ask =>
  ({ client }) => {
    const account = { email: newEmail(), password: userPassword, role: 'user', ...fields }
    return client.fetch('/auth/users', sending('POST', account))
  }

const changePassword = (user: Client, fields: Record<string, string> = {}): Promise<Response> => {
  const passwords = { currentPassword: userPassword, newPassword: 'battery staple', ...fields }
  return user.fetch('/auth/me/password', sending('PUT', passwords))
}

const changeNotifications = (fields: Record<string, unknown>): Ask =>
  ask(settingsPath, sending('PUT', fields))
const testNotification = (fields: Record<string, unknown>): Ask => ask(testPath, sending('POST', fields))

const long = 'x'.repeat(70_000)

/** Signing in, accounts, and what they are notified of. */
export const accountAsks: Asks = {
  'logIn 200 application/json': (world) => logIn(world, world.server.email, world.server.password),
  'logIn 401 BAD_CREDENTIALS': (world) => logIn(world, world.server.email, 'wrong'),
  'logIn 429 TOO_MANY_REQUESTS': (world) => untilRefused(() => logIn(world, 'guessed@example.com', 'wrong')),
  'renewToken 200 application/json': ask('/auth/token', { method: 'POST' }),
  'renewToken 403 FORBIDDEN': async ({ client, signingKey, user }) => {
    const token = await signToken(signingKey, { sub: user.id, auth_time: 0, exp: unixTime() + 60 })
    return client.fetch('/auth/token', { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  },
  'getKeySet 200 application/json': ask('/auth/jwks.json'),
  'getMe 200 application/json': ask('/auth/me'),

  'changePassword 200 application/json': async ({ client }) => changePassword(await signUp(client)),
  'changePassword 400 BAD_JSON': sendJson('PUT', '/auth/me/password', '{'),
  'changePassword 403 WRONG_PASSWORD': ({ user }) => changePassword(user, { currentPassword: 'wrong' }),
  'changePassword 413 PAYLOAD_TOO_LARGE': ({ user }) => changePassword(user, { currentPassword: long }),
  'changePassword 415 UNSUPPORTED_MEDIA_TYPE': sendUntyped('PUT', '/auth/me/password'),
  'changePassword 422 UNPROCESSABLE': ({ user }) => changePassword(user, { newPassword: 'short' }),
  'changePassword 429 TOO_MANY_REQUESTS': async ({ client }) => {
    const user = await signUp(client)
    return untilRefused(() => changePassword(user, { currentPassword: 'wrong' }))
  },

  'getNotifications 200 application/json': ask(settingsPath),
  'changeNotifications 200 application/json': changeNotifications({ mail: { enabled: true } }),
  'changeNotifications 400 BAD_JSON': sendJson('PUT', settingsPath, '{'),
  'changeNotifications 413 PAYLOAD_TOO_LARGE': changeNotifications({ url: long }),
  'changeNotifications 415 UNSUPPORTED_MEDIA_TYPE': sendUntyped('PUT', settingsPath),
  'changeNotifications 422 UNPROCESSABLE': changeNotifications({ webhooks: [{ url: 'nowhere' }] }),
  'testNotification 202 application/json': async (world) => {
    // It leads to this machine, which no webhook may: it is not called.
    const changed = await changeNotifications({ webhooks: [{ url: 'https://localhost/' }] })(world)
    const { webhooks } = (await changed.json()) as { webhooks: { id: string }[] }
    return testNotification({ via: 'webhook', id: webhooks[0]?.id })(world)
  },
  'testNotification 400 BAD_JSON': sendJson('POST', testPath, '{'),
  'testNotification 404 NOT_FOUND': testNotification({ via: 'webhook', id: nobodysId }),
  'testNotification 413 PAYLOAD_TOO_LARGE': testNotification({ via: long }),
  'testNotification 415 UNSUPPORTED_MEDIA_TYPE': sendUntyped('POST', testPath),
  'testNotification 422 UNPROCESSABLE': testNotification({ via: 'pigeon' }),
  'testNotification 429 TOO_MANY_REQUESTS': (world) =>
    untilRefused(() => testNotification({ via: 'mail' })(world)),

  'listAccounts 200 application/json': ask('/auth/users?limit=1'),
  'listAccounts 422 UNPROCESSABLE': ask('/auth/users?limit=0'),
  'createAccount 201 application/json': createAccount({}),
  'createAccount 400 BAD_JSON': sendJson('POST', '/auth/users', '{'),
  'createAccount 409 EMAIL_TAKEN': (world) =>
    createAccount({ email: world.server.email.toUpperCase() })(world),
  'createAccount 413 PAYLOAD_TOO_LARGE': createAccount({ password: long }),
  'createAccount 415 UNSUPPORTED_MEDIA_TYPE': sendUntyped('POST', '/auth/users'),
  'createAccount 422 UNPROCESSABLE': createAccount({ email: 'nobody', password: 'short' }),
  'updateAccount 200 application/json': async ({ client }) => {
    const { id } = await signUp(client)
    const quota = { jobs: 5, fileBytes: 'unlimited', storedBytes: null }
    return client.fetch(`/auth/users/${id}`, sending('PATCH', { disabled: true, quota }))
  },
  'updateAccount 400 BAD_JSON': sendJson('PATCH', '/auth/users/x', '{'),
  'updateAccount 400 BAD_REQUEST': sendJson('PATCH', '/auth/users/%FF', '{"disabled":true}'),
  'updateAccount 404 NOT_FOUND': sendJson('PATCH', '/auth/users/..%2Fx', '{"disabled":true}'),
  'updateAccount 409 OWN_ACCOUNT': async ({ client }) => {
    const { id } = await client.json<{ id: string }>('/auth/me')
    return client.fetch(`/auth/users/${id}`, sending('PATCH', { disabled: true }))
  },
  'updateAccount 413 PAYLOAD_TOO_LARGE': sendJson('PATCH', '/auth/users/x', `"${long}"`),
  'updateAccount 415 UNSUPPORTED_MEDIA_TYPE': sendUntyped('PATCH', '/auth/users/x'),
  'updateAccount 422 UNPROCESSABLE': sendJson('PATCH', '/auth/users/x', '{"disabled":"yes"}'),
}
