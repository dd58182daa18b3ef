import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { beginJob } from '../../lib/jobs/begin.ts'
import { jobs } from '../../lib/jobs/job.ts'
import { newJobId } from '../../lib/jobs/names.ts'
import { newJob, worker } from '../../lib/jobs/testing.ts'
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
  /** The last one that was begun. */
  let response: ServerResponse
  before(async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    process.env['SIGNING_KEY'] = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    ;({ local, close } = await openLocal('events'))
    server = createServer((req, res) => {
      response = res
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

  it('ends after its five minutes for somebody who reads nothing, too', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
    await putUser()
    const { port } = server.address() as AddressInfo
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'readable')
    // More than the network keeps for it.
    const records = await local.records()
    const job = beginJob({ ...newJob, filename: 'x'.repeat(1_000_000) }, 'form', worker, new Date())
    while (!response.writableNeedDrain) {
      await records.transact(async (tx) => tx.set(jobs, newJobId(), job))
      for (let turn = 0; turn < 10; turn++) await setImmediate()
    }
    const closed = once(response, 'close')
    t.mock.timers.tick(5 * 60_000)
    await closed
    socket.destroy()
  })
})
