import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, type JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { deliveries, startServer, unavailable, type TestServer } from '../server.ts'

for (const [how, env] of deliveries) {
  describe(`Events that come ${how}`, { skip: unavailable, timeout: 120_000 }, () => {
    let server: TestServer
    let client: Client
    let avi: Buffer<ArrayBuffer>
    before(async () => {
      server = await startServer({ env })
      client = new Client(server)
      avi = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 2 })
    })
    after(() => server.stop())

    const untilStored = async (count: number): Promise<void> => {
      while ((await server.countStored()) !== count) await delay(25)
    }

    it('convert each video once, and what was deleted is gone', async () => {
      const uploads = Array.from({ length: 4 }, (_, index) => {
        const file = { filename: `${index}.avi`, bytes: avi }
        return index % 2 === 0 ? client.upload(file) : client.uploadBySession(file)
      })
      const ids = (await Promise.all(uploads)).map(({ id }) => id)
      const jobs = await Promise.all(ids.map((id) => client.completed(id)))
      for (const { attempt, timeline } of jobs) {
        assert.equal(attempt, 1)
        const statuses = timeline.map(({ status }) => status)
        assert.equal(new Set(statuses).size, statuses.length, `no step twice: ${statuses.join(', ')}`)
      }
      // Source, MP4 and MP3 of each, and no parts.
      await untilStored(3 * jobs.length)
      for (const id of ids)
        assert.equal((await client.fetch(`/status/${id}`, { method: 'DELETE' })).status, 204)
      await untilStored(0)
    })

    it('drive what is retried', async () => {
      const { id } = await client.upload({ filename: 'notes.avi', bytes: Buffer.from('no video') })
      await client.failed(id)
      // A late copy of the finalize event drives it as well: they are few, and the message has to come at last.
      for (let driver = ''; driver !== 'work';) {
        const { attempt: round } = await client.json<JobView>(`/status/${id}/retry`, { method: 'POST' }, 202)
        const { timeline } = await client.until(
          id,
          ({ status, attempt }) => status === 'FAILED' && attempt >= round,
        )
        driver = timeline.at(-1)?.function ?? ''
      }
    })
  })
}
