import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { users, type UserRecord } from '../../lib/users.ts'
import { somebody } from '../../lib/users.testing.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { issueToken } from '../auth/tokens.ts'
import { streamAll } from './events.ts'

describe('A stream of events', { timeout: 30_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  let server: Server
  before(async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    process.env['SIGNING_KEY'] = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    ;({ local, close } = await openLocal('events'))
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
    await close()
  })

  async function putUser(rest: Partial<UserRecord> = {}): Promise<void> {
    const records = await local.records()
    await records.transact(async (tx) => tx.set(users, 'someone', { ...somebody, ...rest }))
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
