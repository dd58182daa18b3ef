import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it, type TestContext } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose'
import { keys, tokenAlgorithm, tokenIssuer, users, type UserRecord } from '../../lib/users.ts'
import { somebody } from '../../lib/users.testing.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { authenticate } from './authenticate.ts'

const keptSeconds = 60
const tokenSeconds = 3600

describe('A token that was verified', { timeout: 10_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  let key: CryptoKey
  let kid = ''
  let made = 0
  before(async () => {
    ;({ local, close } = await openLocal('authenticate'))
  })
  after(() => close())
  beforeEach(async () => {
    // Another key for each test: none is kept from the one before.
    kid = `key-${++made}`
    const pair = await generateKeyPair(tokenAlgorithm)
    key = pair.privateKey
    const { kty = '', crv = '', x = '' } = await exportJWK(pair.publicKey)
    const records = await local.records()
    await records.transact(async (tx) => tx.set(keys, kid, { jwk: { kty, crv, x }, createdAt: new Date() }))
    await putUser()
  })

  async function putUser(rest: Partial<UserRecord> = {}): Promise<void> {
    const records = await local.records()
    await records.transact(async (tx) => tx.set(users, 'anna', { ...somebody, ...rest }))
  }

  const headerOf = async (): Promise<string> =>
    `Bearer ${await new SignJWT({ ver: 0 })
      .setProtectedHeader({ alg: tokenAlgorithm, kid })
      .setSubject('anna')
      .setIssuer(tokenIssuer)
      .setAudience(tokenIssuer)
      .setExpirationTime(`${tokenSeconds} s`)
      .sign(key)}`

  /** How often a signature was checked since. */
  function checks({ mock }: TestContext): () => number {
    const verify = mock.method(crypto.subtle, 'verify')
    return () => verify.mock.callCount()
  }

  /** Lets so many seconds pass for what measures time, until the test is over. */
  function wait({ mock }: TestContext, seconds: number): void {
    const now = performance.now() + seconds * 1000
    mock.method(performance, 'now', () => now)
  }

  it('is not verified again, but says the same', async (t) => {
    const header = await headerOf()
    const checked = checks(t)
    const user = { id: 'anna', email: somebody.email, role: 'user' }
    for (let time = 0; time < 3; time++) assert.deepEqual(await authenticate(header), user)
    assert.equal(checked(), 1)
  })

  it('is verified again once its key has to be read again', async (t) => {
    const header = await headerOf()
    await authenticate(header)
    const checked = checks(t)
    wait(t, keptSeconds + 1)
    await authenticate(header)
    assert.equal(checked(), 1)
  })

  it('is refused within a minute after its key was deleted', async (t) => {
    const header = await headerOf()
    await authenticate(header)
    const records = await local.records()
    await records.transact(async (tx) => tx.delete(keys, kid))
    wait(t, keptSeconds + 1)
    await assert.rejects(authenticate(header), { code: 'TOKEN_INVALID' })
  })

  it('is kept no longer than its key, whenever it was verified', async (t) => {
    await authenticate(await headerOf())
    wait(t, keptSeconds - 1)
    const header = await headerOf()
    await authenticate(header)
    const records = await local.records()
    await records.transact(async (tx) => tx.delete(keys, kid))
    wait(t, 2)
    await assert.rejects(authenticate(header), { code: 'TOKEN_INVALID' })
  })

  it('is refused as soon as it has expired', async ({ mock }) => {
    const header = await headerOf()
    await authenticate(header)
    mock.timers.enable({ apis: ['Date'], now: Date.now() + (tokenSeconds + 1) * 1000 })
    await assert.rejects(authenticate(header), { code: 'TOKEN_EXPIRED' })
  })

  const ends: [how: string, rest: Partial<UserRecord>][] = [
    ['its account is disabled', { disabled: true }],
    ['the tokens of its account have another version', { tokenVersion: 1 }],
  ]
  for (const [how, rest] of ends)
    it(`is refused as soon as ${how}`, async () => {
      const header = await headerOf()
      await authenticate(header)
      await putUser(rest)
      await assert.rejects(authenticate(header), { code: 'TOKEN_INVALID' })
    })

  it('has the role that its account has now', async () => {
    const header = await headerOf()
    await putUser({ role: 'admin' })
    assert.equal((await authenticate(header)).role, 'admin')
    await putUser()
    assert.equal((await authenticate(header)).role, 'user')
  })

  it('names its key by a text that a key can have, and is refused otherwise', async () => {
    const [, body = '', signature = ''] = (await headerOf()).split('.')
    for (const strange of [
      ['x'],
      {},
      5,
      true,
      null,
      '',
      '../users/anna',
      '__name__',
      'x'.repeat(65),
      'ключ',
    ]) {
      const head = Buffer.from(JSON.stringify({ alg: tokenAlgorithm, kid: strange })).toString('base64url')
      await assert.rejects(authenticate(`Bearer ${head}.${body}.${signature}`), { code: 'TOKEN_INVALID' })
    }
  })

  it('is no other one: with one letter of its signature changed, it is refused', async () => {
    const header = await headerOf()
    await authenticate(header)
    const place = header.length - 10
    const other = header.slice(0, place) + (header[place] === 'A' ? 'B' : 'A') + header.slice(place + 1)
    await assert.rejects(authenticate(other), { code: 'TOKEN_INVALID' })
  })
})
