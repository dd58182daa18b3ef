import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '../client.ts'
import { makeVideo } from '../media.ts'
import { onGcp, startServer, unavailable, type TestServer } from '../server.ts'

// Over the emulators each start takes long.
const rounds = onGcp ? 3 : 5
// However busy the machine: all jobs on it at once shall not lose their leases for that.
const env = { LEASE_SECONDS: '5', SWEEP_SECONDS: '1' }

describe('A server that is killed again and again', { skip: unavailable, timeout: 300_000 }, () => {
  let dataDir: string
  let server: TestServer | undefined
  after(async () => {
    await server?.stop()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('still brings every accepted job to its end', async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tapedeck-killed-'))
    const clip = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 20, channels: 1 })
    const accepted: string[] = []
    for (let round = 0; round < rounds; round++) {
      server = await startServer({ dataDir, env })
      const client = new Client(server)
      for (let file = 0; file < 3; file++)
        accepted.push((await client.upload({ filename: 'clip', bytes: clip })).id)
      await delay(150 * round)
      await server.kill()
    }
    server = await startServer({ dataDir, env })
    const client = new Client(server)
    const results = new Set<string>()
    for (const id of accepted) {
      await client.completed(id)
      results.add((await client.mp3(id)).toString('base64'))
    }
    assert.equal(results.size, 1, 'every job made the same MP3')
    assert.equal((await client.list()).length, accepted.length)
  })
})
