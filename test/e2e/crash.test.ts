import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '../client.ts'
import { makeVideo } from '../media.ts'
import { onGcp, startServer, unavailable, type ServerOptions, type TestServer } from '../server.ts'

// Leases run out soon, so that a test does not wait for a minute until a dead worker's job is taken up again.
const env = { LEASE_SECONDS: '2', SWEEP_SECONDS: '1' }

describe('After kill -9 and a restart', { skip: unavailable, concurrency: 2, timeout: 300_000 }, () => {
  let avi: Buffer<ArrayBuffer>
  let mp4: Buffer<ArrayBuffer>
  /** What the sources become when nothing happens. */
  let undisturbed: { avi: Buffer; mp4: Buffer }
  const folders: string[] = []
  const servers: TestServer[] = []
  async function start(options: ServerOptions = {}): Promise<TestServer> {
    const server = await startServer(options)
    servers.push(server)
    return server
  }

  before(async () => {
    const sound = { seconds: 80, channels: 1 }
    avi = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], ...sound })
    mp4 = await makeVideo({ format: ['mp4'], audio: ['aac'], ...sound })
    const server = await start()
    const client = new Client(server)
    const jobs = await Promise.all(
      [avi, mp4].map((bytes) => client.uploadEither({ filename: 'tape', bytes })),
    )
    const [aviMp3, mp4Mp3] = await Promise.all(
      jobs.map(async ({ id }) => (await client.completed(id), client.mp3(id))),
    )
    assert.ok(aviMp3 && mp4Mp3)
    undisturbed = { avi: aviMp3, mp4: mp4Mp3 }
    await server.stop()
  })
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()))
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
  })

  const states: [status: string, container: 'avi' | 'mp4'][] = [
    ['ENQUEUED', 'avi'],
    ['NEED_CONVERT', 'avi'],
    ['CREATING_MP3', 'avi'],
    ['NO_NEED_CONVERT', 'mp4'],
    ['CREATING_MP3', 'mp4'],
    ['MP3_COMPLETED', 'mp4'],
  ]
  // What the platform has to do with it shows in three of them; over the emulators each takes long.
  const tried = onGcp ? states.filter(([status]) => ['ENQUEUED', 'CREATING_MP3'].includes(status)) : states
  for (const [status, container] of tried) {
    it(`a job that was ${status} (${container}) ends with the same MP3 as if nothing had happened`, async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'tapedeck-crash-'))
      folders.push(dataDir)
      const bytes = container === 'avi' ? avi : mp4

      const first = await start({ dataDir, env })
      const accepting = new Client(first)
      const { id } = await accepting.uploadEither({ filename: 'tape', bytes })
      if (status !== 'ENQUEUED') await accepting.until(id, hasReached(status))
      await first.kill()

      const second = await start({ dataDir, env })
      const client = new Client(second)
      await client.completed(id)
      assert.ok((await client.mp3(id)).equals(undisturbed[container]))
      const stored = container === 'avi' ? ['source', 'MP4', 'MP3'] : ['source', 'MP3']
      while ((await second.countStored()) > stored.length) await delay(50)
      await second.stop()
    })
  }

  it('told to end while it converts, it hands the job back, and the next one goes on at once', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tapedeck-crash-'))
    folders.push(dataDir)
    // Long enough for it to hear of the end in the middle.
    const long = await makeVideo({ format: ['mp4'], audio: ['flac'], seconds: 200, channels: 1 })
    const first = await start({ dataDir })
    const accepting = new Client(first)
    const { id } = await accepting.uploadEither({ filename: 'tape', bytes: long })
    await accepting.until(id, hasReached('CREATING_MP3'))
    await first.stop()
    assert.equal(first.process.exitCode, 0)

    const second = await start({ dataDir })
    const client = new Client(second)
    const job = await client.until(id, ({ status, attempt }) => status === 'MP3_COMPLETED' && attempt === 2)
    assert.ok(job.timeline.some(({ status, attempt }) => status === 'ENQUEUED' && attempt === 2))
    assert.equal(job.target?.durationSeconds, 200)
    await second.stop()
  })
})

/** The status, or any that comes after it. */
function hasReached(status: string) {
  const order = ['UPLOADING', 'ENQUEUED', 'NEED_CONVERT', 'NO_NEED_CONVERT', 'CREATING_MP3', 'MP3_COMPLETED']
  return (job: { status: string }): boolean => order.indexOf(job.status) >= order.indexOf(status)
}
