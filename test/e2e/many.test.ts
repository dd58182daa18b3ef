import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

const clips = 60

describe(`${clips} clips at once`, { skip: unavailable, timeout: 240_000 }, () => {
  let server: TestServer
  let client: Client
  before(async () => {
    server = await startServer()
    client = new Client(server)
  })
  after(() => server.stop())

  it('are worked through by as many workers as there are cores, while the server answers', async () => {
    const bytes = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    const names = Array.from({ length: clips }, (_, index) => `clip ${index}.mp4`)
    const uploads: Promise<unknown>[] = []
    for (let start = 0; start < names.length; start += 20) {
      const group = names.slice(start, start + 20).map((filename) => client.upload({ filename, bytes }))
      uploads.push(...group)
      await Promise.all(group)
    }
    await Promise.all(uploads)

    let mostRunning = 0
    for (;;) {
      const jobs = await client.list()
      assert.equal(jobs.length, names.length)
      assert.deepEqual(
        jobs.filter(({ status }) => status === 'FAILED'),
        [],
      )
      const running = jobs.filter(({ status }) =>
        ['NEED_CONVERT', 'NO_NEED_CONVERT', 'CREATING_MP3'].includes(status),
      )
      mostRunning = Math.max(mostRunning, running.length)
      if (jobs.every(({ status }) => status === 'MP3_COMPLETED')) {
        assert.ok(
          jobs.every(({ attempt }) => attempt === 1),
          'each at the first attempt',
        )
        assert.deepEqual(jobs.map(({ filename }) => filename).toSorted(), names.toSorted())
        break
      }
      await delay(100)
    }
    assert.ok(mostRunning >= 1 && mostRunning <= availableParallelism(), `${mostRunning} at once`)
  })
})
