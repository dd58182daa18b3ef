import type { Answer } from '../../lib/http/answer.ts'
import { httpFunction } from '../shared/http-function.ts'
import { createAccount, listAccounts, updateAccount } from './accounts.ts'
import { changePassword } from './change-password.ts'
import { logIn } from './log-in.ts'
import { me } from './me.ts'
import { sendTest } from './notifications-trial.ts'
import { changeNotifications, showNotifications } from './notifications.ts'
import { renewToken } from './renew.ts'
import { publicKeys } from './tokens.ts'

httpFunction('auth', [
  { method: 'POST', path: '/login', access: 'anyone', handle: logIn },
  { method: 'POST', path: '/token', access: 'user', handle: renewToken },
  { method: 'GET', path: '/jwks.json', access: 'anyone', handle: keySet },
  { method: 'GET', path: '/me', access: 'user', handle: me },
  { method: 'PUT', path: '/me/password', access: 'user', handle: changePassword },
  { method: 'GET', path: '/me/notifications', access: 'user', handle: showNotifications },
  { method: 'PUT', path: '/me/notifications', access: 'user', handle: changeNotifications },
  { method: 'POST', path: '/me/notifications/test', access: 'user', handle: sendTest },
  { method: 'GET', path: '/users', access: 'admin', handle: listAccounts },
  { method: 'POST', path: '/users', access: 'admin', handle: createAccount },
  { method: 'PATCH', path: '/users/:id', access: 'admin', handle: updateAccount },
])

async function keySet(): Promise<Answer> {
  return {
    status: 200,
    body: { keys: await publicKeys() },
    headers: { 'Cache-Control': 'public, max-age=300' },
  }
}
