import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { after, before, describe, it, type TestContext } from 'node:test'
import { decodeJwt, SignJWT, type JWTPayload } from 'jose'
import { tokenAlgorithm, tokenIssuer, users } from '../../lib/users.ts'
import { somebody } from '../../lib/users.testing.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { authenticate } from '../shared/authenticate.ts'
import { renewToken } from './renew.ts'
import { issueToken, signingKey, tokenSeconds, type TokenAnswer } from './tokens.ts'

const day = 24 * 60 * 60

describe('Renewing a token', { timeout: 10_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  before(async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    process.env['SIGNING_KEY'] = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    ;({ local, close } = await openLocal('renew'))
    await putUser(0)
  })
  after(() => close())

  async function putUser(tokenVersion: number): Promise<void> {
    const records = await local.records()
    await records.transact(async (tx) => tx.set(users, 'anna', { ...somebody, tokenVersion }))
  }

  async function renewed(token: string): Promise<TokenAnswer> {
    const req = new IncomingMessage(new Socket())
    req.headers.authorization = `Bearer ${token}`
    const user = { id: 'anna', email: somebody.email, role: 'user' } as const
    return (await renewToken({ req, user })).body as TokenAnswer
  }

  /** A token that says this as well. */
  async function tokenThatSays(said: JWTPayload): Promise<string> {
    const { kid, key } = await signingKey()
    return new SignJWT({ sub: 'anna', iss: tokenIssuer, aud: tokenIssuer, ver: 0, ...said })
      .setProtectedHeader({ alg: tokenAlgorithm, kid })
      .setExpirationTime('1 h')
      .sign(key)
  }

  function pass({ mock }: TestContext, seconds: number): void {
    mock.timers.enable({ apis: ['Date'], now: Date.now() + seconds * 1000 })
  }

  it('gives one that is good for a day from now, and remembers the login', async (t) => {
    const first = await issueToken('anna')
    pass(t, day / 2)
    const second = await renewed(first.token)
    assert.deepEqual([second.tokenType, second.expiresIn], ['Bearer', tokenSeconds])
    assert.equal((await authenticate(`Bearer ${second.token}`)).id, 'anna')
    const [before, after] = [decodeJwt(first.token), decodeJwt(second.token)]
    assert.equal(after['auth_time'], before['auth_time'])
    assert.ok((after.exp ?? 0) >= (before.exp ?? 0) + day / 2)
  })

  it('is refused thirty days after the login, however often it was renewed', async () => {
    const now = Math.floor(Date.now() / 1000)
    const [before, longBefore] = [now - 30 * day + 60, now - 30 * day]
    // Without the claim, it was issued before tokens said when the login was.
    for (const claims of [{ iat: now, auth_time: before }, { iat: before }]) {
      const { token } = await renewed(await tokenThatSays(claims))
      assert.equal(decodeJwt(token)['auth_time'], before)
    }
    for (const claims of [{ iat: now, auth_time: longBefore }, { iat: longBefore }, {}])
      await assert.rejects(renewed(await tokenThatSays(claims)), {
        code: 'FORBIDDEN',
        message: /Sign in again/,
      })
  })

  it('makes none that outlives what has ended the old one in that moment', async () => {
    const { token } = await issueToken('anna', 0)
    await putUser(1)
    const late = await renewed(token)
    await assert.rejects(authenticate(`Bearer ${late.token}`), { code: 'TOKEN_INVALID' })
  })
})
