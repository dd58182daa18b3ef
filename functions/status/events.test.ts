import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { users, type UserRecord } from '../../lib/users.ts'
import { localPlatform, type LocalPlatform } from '../../platform/local/platform.ts'
import { issueToken } from '../auth/tokens.ts'
import { streamAll } from './events.ts'

describe('A stream of events', { timeout: 30_000 }, () => {
  let folder: string
  let local: LocalPlatform
  let server: Server
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-events-'))
    const { privateKey } = generateKeyPairSync('ed25519')
    const SIGNING_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    Object.assign(process.env, { DATA_DIR: folder, SIGNING_KEY })
    local = await localPlatform()
    server = createServer((req, res) => {
      const user = { id: 'someone', email: 'someone@example.com', role: 'user' } as const
      void streamAll({ req, res, user, params: {}, url: new URL('http://function/') })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(async () => {
    server.closeAllConnections()
    server.close()
    await local.close()
    await rm(folder, { recursive: true })
  })

  async function putUser(rest: Partial<UserRecord> = {}): Promise<void> {
    const hash = { algorithm: 'argon2id', memory: 1, passes: 1, parallelism: 1, salt: '', hash: '' } as const
    const user = { email: 'someone@example.com', role: 'user', password: hash, disabled: false } as const
    const records = await local.records()
    await records.transact(async (tx) =>
      tx.set(users, 'someone', { ...user, createdAt: new Date(), ...rest }),
    )
  }

  for (const [why, change] of [
    ['its account is disabled', { disabled: true }],
    ['its account has a new password', { tokenVersion: 1 }],
  ] as const) {
    it(`ends within half a minute after ${why}, and not before`, async (t) => {
      t.mock.timers.enable({ apis: ['setInterval'] })
      await putUser()
      const { token } = await issueToken('someone')
      const { port } = server.address() as AddressInfo
      const headers = { authorization: `Bearer ${token}` }
      const { body } = await fetch(`http://127.0.0.1:${port}/`, { headers })
      const reader = body?.getReader()
      assert.ok(reader)
      await reader.read()
      let ended = false
      const ending = reader.read().then(({ done }) => (ended = done))
      t.mock.timers.tick(30_000)
      for (let turn = 0; turn < 100; turn++) await setImmediate()
      assert.equal(ended, false, 'as long as the token is good')
      await putUser(change)
      t.mock.timers.tick(30_000)
      assert.equal(await ending, true)
    })
  }
})
