import assert from 'node:assert/strict'
import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose'
import { Problem } from '../../lib/problems.ts'
import { keys, tokenIssuer, userId, users, type UserRecord } from '../../lib/users.ts'
import { somebody } from '../../lib/users.testing.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { authenticate } from '../shared/authenticate.ts'
import { ensureAdmin } from './admin.ts'
import { verifyPassword } from './passwords.ts'
import { issueToken, publicKeys, signingKey, tokenSeconds } from './tokens.ts'

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()

describe('Tokens', () => {
  const { privateKey } = generateKeyPairSync('ed25519')
  let local: LocalPlatform
  let close: () => Promise<void>
  let kid: string
  before(async () => {
    process.env['ADMIN_EMAIL'] = 'Boss@Example.com'
    process.env['ADMIN_PASSWORD'] = 'correct horse'
    ;({ local, close } = await openLocal('tokens'))
    await writeUser('someone', {})
  })
  after(() => close())

  async function writeUser(id: string, rest: Partial<UserRecord>): Promise<void> {
    const user = { ...somebody, email: `${id}@example.com`, ...rest }
    const records = await local.records()
    await records.transact(async (tx) => tx.set(users, id, user))
  }

  /** A token like ours, but for what is changed. */
  interface Forgery {
    key?: KeyObject
    header?: Record<string, unknown>
    claims?: Record<string, unknown>
    expires?: string
  }
  function forge({
    key = privateKey,
    header = {},
    claims = {},
    expires = '1 hour',
  }: Forgery): Promise<string> {
    return new SignJWT({ sub: 'someone', iss: tokenIssuer, aud: tokenIssuer, ...claims })
      .setProtectedHeader({ alg: 'EdDSA', kid, ...header })
      .setExpirationTime(expires)
      .sign(key)
  }
  const refusal = async (authorization: string | undefined): Promise<string> => {
    try {
      await authenticate(authorization)
    } catch (error) {
      assert.ok(error instanceof Problem, String(error))
      assert.equal(error.status, 401)
      assert.match(error.extras.headers?.['WWW-Authenticate'] ?? '', /^Bearer /)
      return error.code
    }
    return 'accepted'
  }

  for (const [what, value] of [
    ['is no PEM', 'very-secret-part'],
    ['is cut off', pemOf(privateKey).slice(0, 60)],
    ['is another kind of key', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)],
    ['has no private part', createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString()],
  ] as const) {
    it(`cannot be made with a SIGNING_KEY that ${what}, and nothing of it is said`, async () => {
      process.env['SIGNING_KEY'] = value
      await assert.rejects(signingKey(), (error: Error) => {
        assert.match(error.message, /^SIGNING_KEY is not a private Ed25519 key/)
        const said = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`
        for (const line of value.split('\n').filter(Boolean)) assert.ok(!said.includes(line))
        return true
      })
    })
  }

  it('can be made once the key is right, whose public half then stands in the records', async () => {
    process.env['SIGNING_KEY'] = pemOf(privateKey)
    const { publicJwk, kid: id } = await signingKey()
    kid = id
    const records = await local.records()
    const { data } = await records.get(keys, kid)
    assert.deepEqual(data?.jwk, publicJwk)
    assert.ok(!('d' in publicJwk))
    assert.equal(publicJwk['kid'], kid)
  })

  it('name their user, and are good for a day', async () => {
    const { token, tokenType, expiresIn } = await issueToken('someone')
    assert.deepEqual([tokenType, expiresIn], ['Bearer', tokenSeconds])
    assert.deepEqual(decodeProtectedHeader(token), { alg: 'EdDSA', kid, typ: 'JWT' })
    const { sub, exp = 0, iat = 0, auth_time } = decodeJwt(token)
    assert.equal(sub, 'someone')
    assert.equal(exp - iat, tokenSeconds)
    assert.equal(auth_time, iat)
    assert.deepEqual(await authenticate(`Bearer ${token}`), {
      id: 'someone',
      email: 'someone@example.com',
      role: 'user',
    })
  })

  it('are asked for where there is none', async () => {
    assert.equal(await refusal(undefined), 'TOKEN_MISSING')
  })

  for (const header of [
    '',
    'Bearer',
    'Bearer ',
    'Bearer x',
    'Bearer a.b',
    'Bearer a.b.c',
    'Basic YTpi',
    'Bearer a.b.c d',
  ]) {
    it(`are not what ${JSON.stringify(header)} holds`, async () => {
      assert.equal(await refusal(header), 'TOKEN_INVALID')
    })
  }

  it('expire', async () => {
    assert.equal(await refusal(`Bearer ${await forge({ expires: '-1 minute' })}`), 'TOKEN_EXPIRED')
  })

  it('are as good as ours when they are like ours (so that the following ones fail for their reason)', async () => {
    assert.equal(await refusal(`Bearer ${await forge({})}`), 'accepted')
  })

  const strangers = generateKeyPairSync('ed25519').privateKey
  const forgeries: [what: string, make: () => string | Promise<string>][] = [
    ["signed with a stranger's key", () => forge({ key: strangers })],
    ['of a key that nobody knows', () => forge({ key: strangers, header: { kid: 'unknown' } })],
    ['of a key named like a path', () => forge({ header: { kid: '../users/someone' } })],
    ['of no key', () => forge({ header: { kid: undefined } })],
    ['for somebody else', () => forge({ claims: { aud: 'another-service' } })],
    ['by somebody else', () => forge({ claims: { iss: 'another-service' } })],
    ['without a user', () => forge({ claims: { sub: undefined } })],
    ['whose user is no text', () => forge({ claims: { sub: 5 } })],
    ['whose version is no number', () => forge({ claims: { ver: '0' } })],
    ['whose login was at no time', () => forge({ claims: { auth_time: 'today' } })],
    ['of another version than the account has', () => forge({ claims: { ver: 1 } })],
    [
      'that never ends',
      () =>
        new SignJWT({ sub: 'someone', iss: tokenIssuer, aud: tokenIssuer })
          .setProtectedHeader({ alg: 'EdDSA', kid })
          .sign(privateKey),
    ],
    ['of a user who does not exist', () => forge({ claims: { sub: 'nobody' } })],
    [
      'that is not signed',
      () =>
        new UnsecuredJWT({ sub: 'someone', iss: tokenIssuer, aud: tokenIssuer })
          .setExpirationTime('1 h')
          .encode(),
    ],
    [
      'signed with the public key as if it were a secret',
      async () => {
        const { publicJwk } = await signingKey()
        const secret = createSecretKey(Buffer.from(publicJwk['x'] ?? '', 'base64url'))
        return forge({ key: secret, header: { alg: 'HS256' } })
      },
    ],
    [
      'changed after it was signed',
      async () => {
        const [head, , signature] = (await forge({})).split('.')
        const claims = { ...decodeJwt(await forge({})), sub: 'somebody-else' }
        return [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
      },
    ],
  ]
  for (const [what, make] of forgeries) {
    it(`are not valid: one ${what}`, async () => {
      assert.equal(await refusal(`Bearer ${await make()}`), 'TOKEN_INVALID')
    })
  }

  it('end with their account', async () => {
    await writeUser('leaving', {})
    const token = `Bearer ${(await issueToken('leaving')).token}`
    assert.equal(await refusal(token), 'accepted')
    await writeUser('leaving', { disabled: true })
    assert.equal(await refusal(token), 'TOKEN_INVALID')
  })

  it('end when their account gets another version, those without a version too', async () => {
    await writeUser('changing', {})
    const unversioned = `Bearer ${await forge({ claims: { sub: 'changing' } })}`
    const first = `Bearer ${(await issueToken('changing')).token}`
    assert.deepEqual([await refusal(unversioned), await refusal(first)], ['accepted', 'accepted'])
    await writeUser('changing', { tokenVersion: 1 })
    const second = `Bearer ${(await issueToken('changing', 1)).token}`
    assert.deepEqual([await refusal(unversioned), await refusal(first)], ['TOKEN_INVALID', 'TOKEN_INVALID'])
    assert.equal(await refusal(second), 'accepted')
  })

  describe('The key', () => {
    const hour = 60 * 60 * 1000
    const { privateKey: oldKey, publicKey } = generateKeyPairSync('ed25519')
    async function writeKey(id: string, purgeAt: Date): Promise<void> {
      const { x = '' } = publicKey.export({ format: 'jwk' })
      const jwk = { kty: 'OKP', crv: 'Ed25519', x, kid: id }
      const records = await local.records()
      await records.transact(async (tx) => tx.set(keys, id, { jwk, createdAt: new Date(0), purgeAt }))
    }
    const kidsListed = async (): Promise<(string | undefined)[]> =>
      (await publicKeys()).map((jwk) => jwk['kid'])

    it('is kept until the last of its tokens has run out', async () => {
      const { data, readAt } = await (await local.records()).get(keys, kid)
      const left = (data?.purgeAt?.getTime() ?? 0) - readAt.getTime()
      assert.ok(left > tokenSeconds * 1000 + hour && left < tokenSeconds * 1000 + 2 * hour)
    })

    it('is written down again by an instance that goes on signing with it', async (t) => {
      const records = await local.records()
      await records.transact(async (tx) => tx.delete(keys, kid))
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 50 * 60_000 })
      await issueToken('someone')
      assert.equal((await records.get(keys, kid)).data, undefined)
      t.mock.timers.setTime(Date.now() + 20 * 60_000)
      await issueToken('someone')
      assert.ok((await records.get(keys, kid)).data?.purgeAt)
    })

    it('before the present one is still accepted and listed, behind the present one', async () => {
      await writeKey('before', new Date(Date.now() + hour))
      assert.equal(
        await refusal(`Bearer ${await forge({ key: oldKey, header: { kid: 'before' } })}`),
        'accepted',
      )
      assert.deepEqual(await kidsListed(), [kid, 'before'])
    })

    it('whose time is over is neither, even where its record is still there', async () => {
      await writeKey('over', new Date(Date.now() - 1))
      assert.equal(
        await refusal(`Bearer ${await forge({ key: oldKey, header: { kid: 'over' } })}`),
        'TOKEN_INVALID',
      )
      assert.ok(!(await kidsListed()).includes('over'))
    })
  })

  describe('The first account', () => {
    it('is made from the environment, once, however many ask for it', async () => {
      await Promise.all([ensureAdmin(), ensureAdmin()])
      const records = await local.records()
      const { data } = await records.get(users, userId('boss@example.com'))
      assert.deepEqual([data?.email, data?.role, data?.disabled], ['boss@example.com', 'admin', false])
      assert.equal(await verifyPassword('correct horse', data?.password), true)
    })

    it('is one account, however its address is spelt', () => {
      assert.equal(userId(' BOSS@example.com'), userId('boss@example.com'))
    })
  })
})
