import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '../client.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

const chunk = 256 * 1024

describe(
  'A job that is deleted while its video is on its way',
  { skip: unavailable, timeout: 180_000 },
  () => {
    let server: TestServer
    let client: Client
    before(async () => {
      server = await startServer()
      client = new Client(server)
    })
    after(() => server.stop())

    it('takes nothing more: its upload session ends', async () => {
      const { job, uploadUrl } = await client.openSession({ filename: 'a.mp4', size: 3 * chunk })
      const sent = await fetch(uploadUrl, {
        method: 'PUT',
        headers: { 'content-range': `bytes 0-${chunk - 1}/${3 * chunk}` },
        body: new Uint8Array(chunk),
      })
      assert.equal(sent.status, 308)
      assert.equal((await client.fetch(`/status/${job.id}`, { method: 'DELETE' })).status, 204)
      const status = async (): Promise<number> => {
        const headers = { 'content-range': `bytes */${3 * chunk}` }
        return (await fetch(uploadUrl, { method: 'PUT', headers })).status
      }
      while ((await status()) === 308) await delay(25)
      assert.ok((await status()) >= 400)
    })

    it('leaves nothing, even when its bytes come later', async () => {
      const { job, uploadUrl } = await client.openSession({ filename: 'late.mp4', size: chunk })
      assert.equal((await client.fetch(`/status/${job.id}`, { method: 'DELETE' })).status, 204)
      // Whether the session is over by then is a matter of moments.
      await fetch(uploadUrl, { method: 'PUT', body: new Uint8Array(chunk) })
      assert.equal((await client.problem(`/status/${job.id}`)).code, 'NOT_FOUND')
      while ((await server.countStored()) > 0) await delay(25)
    })
  },
)
