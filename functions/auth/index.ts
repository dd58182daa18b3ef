import { Problem } from '../../lib/problems.ts'
import type { Answer } from '../../lib/http/answer.ts'
import type { Call, UserCall } from '../../lib/http/router.ts'
import { userId, users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import { httpFunction } from '../shared/http-function.ts'
import { ensureAdmin } from './admin.ts'
import { readBasicCredentials } from './basic.ts'
import { verifyPassword } from './passwords.ts'
import { issueToken, signingKey, tokenSeconds } from './tokens.ts'

httpFunction('auth', [
  { method: 'POST', path: '/login', access: 'anyone', handle: login },
  { method: 'GET', path: '/jwks.json', access: 'anyone', handle: keySet },
  { method: 'GET', path: '/me', access: 'user', handle: me },
])

async function login({ req }: Call): Promise<Answer> {
  const { email, password } = readBasicCredentials(req.headers.authorization)
  await ensureAdmin()
  const id = userId(email)
  const records = await platform().records()
  const { data: user } = await records.get(users, id)
  const right = await verifyPassword(password, user?.password)
  if (!user || !right || user.disabled) {
    throw new Problem('BAD_CREDENTIALS', 'There is no account with this e-mail and this password.')
  }
  return { status: 200, body: { token: await issueToken(id), tokenType: 'Bearer', expiresIn: tokenSeconds } }
}

async function keySet(): Promise<Answer> {
  const { publicJwk } = await signingKey()
  return { status: 200, body: { keys: [publicJwk] }, headers: { 'Cache-Control': 'public, max-age=300' } }
}

async function me({ user }: UserCall): Promise<Answer> {
  return { status: 200, body: user }
}
