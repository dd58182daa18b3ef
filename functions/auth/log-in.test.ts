import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { IncomingMessage } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import { after, before, beforeEach, describe, it, mock } from 'node:test'
import { Problem } from '../../lib/problems.ts'
import { throttles } from '../../lib/throttle.ts'
import { userId, users, type PasswordHash } from '../../lib/users.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'

// Before anything imports it, so that every hash that is computed is seen.
const argon2 = mock.method(crypto, 'argon2')
syncBuiltinESMExports()
const { logIn } = await import('./log-in.ts')
const { hashPassword } = await import('./passwords.ts')

const id = userId('somebody@example.com')
const weak = { algorithm: 'argon2id', memory: 64, passes: 1, parallelism: 1 } as const

describe('Signing in', { timeout: 30_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  before(async () => {
    process.env['ADMIN_PASSWORD'] = ''
    const { privateKey } = crypto.generateKeyPairSync('ed25519')
    process.env['SIGNING_KEY'] = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    ;({ local, close } = await openLocal('log-in'))
  })
  after(() => close())
  beforeEach(async () => {
    await writeUser(await hashPassword('correct horse'), false)
    argon2.mock.resetCalls()
  })

  async function writeUser(password: PasswordHash, disabled: boolean): Promise<void> {
    const user = { email: 'somebody@example.com', role: 'user', createdAt: new Date() } as const
    const records = await local.records()
    await records.transact(async (tx) => tx.set(users, id, { ...user, password, disabled }))
  }
  const stored = async (): Promise<PasswordHash | undefined> =>
    (await (await local.records()).get(users, id)).data?.password

  /** The code of the answer, or its status. */
  async function answer(email: string, password: string): Promise<string | number> {
    const req = new IncomingMessage(new Socket())
    req.headers.authorization = `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`
    try {
      return (await logIn({ req })).status
    } catch (error) {
      if (error instanceof Problem) return error.code
      throw error
    }
  }

  /** How costly each hash was that has been computed since the last time. */
  function costs(): unknown[] {
    const calls = argon2.mock.calls.map(({ arguments: [algorithm, options] }) => {
      const { memory, passes, parallelism, tagLength } = options
      return [algorithm, memory, passes, parallelism, tagLength]
    })
    argon2.mock.resetCalls()
    return calls
  }

  it('costs as much work for an account that does not exist, or is disabled, as for one that does', async () => {
    assert.equal(await answer('somebody@example.com', 'wrong'), 'BAD_CREDENTIALS')
    const known = costs()
    assert.equal(known.length, 1)
    assert.equal(await answer('nobody@example.com', 'wrong'), 'BAD_CREDENTIALS')
    assert.deepEqual(costs(), known)
    await writeUser(await hashPassword('correct horse'), true)
    costs()
    assert.equal(await answer('somebody@example.com', 'correct horse'), 'BAD_CREDENTIALS')
    assert.deepEqual(costs(), known)
  })

  it('computes nothing while an attempt has to wait, not even for the right password', async () => {
    const records = await local.records()
    const { readAt } = await records.get(throttles, 'any')
    const purgeAt = new Date(readAt.getTime() + 60_000)
    await records.transact(async (tx) =>
      tx.set(throttles, `account-${id}`, { failures: 100, lastAt: readAt, purgeAt }),
    )
    assert.equal(await answer('somebody@example.com', 'correct horse'), 'TOO_MANY_REQUESTS')
    assert.deepEqual(costs(), [])
    await records.transact(async (tx) => tx.delete(throttles, `account-${id}`))
    assert.equal(await answer('somebody@example.com', 'correct horse'), 200)
  })

  it('lets no more attempts through at once than one after the other', async () => {
    const email = 'guessed@example.com'
    const answers = await Promise.all(Array.from({ length: 12 }, () => answer(email, 'wrong')))
    const checked = answers.filter((code) => code === 'BAD_CREDENTIALS').length
    // Five, unless the machine is so slow that a second passes meanwhile.
    assert.ok(checked >= 5 && checked < 12, String(checked))
    assert.equal(answers.filter((code) => code === 'TOO_MANY_REQUESTS').length, 12 - checked)
    assert.equal(costs().length, checked)
  })

  it('hashes the password anew where that was done otherwise than today', async () => {
    const salt = crypto.randomBytes(16)
    const options = { message: 'correct horse', nonce: salt, tagLength: 32, ...weak }
    const hash = crypto.argon2Sync('argon2id', options).toString('base64')
    await writeUser({ ...weak, salt: salt.toString('base64'), hash }, false)
    assert.equal(await answer('somebody@example.com', 'wrong'), 'BAD_CREDENTIALS')
    assert.equal((await stored())?.memory, weak.memory)
    assert.equal(await answer('somebody@example.com', 'correct horse'), 200)
    const renewed = await stored()
    assert.deepEqual([renewed?.memory, renewed?.passes, renewed?.parallelism], [65536, 3, 4])
    assert.equal(await answer('somebody@example.com', 'correct horse'), 200)
    assert.deepEqual(await stored(), renewed, 'once is enough')
  })
})
