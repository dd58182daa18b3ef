import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { Client, sending, type JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, type TestServer } from '../server.ts'
import { readOpenApi } from './document.ts'

const api = await readOpenApi()

interface Limits {
  minimum: number
  maximum: number
}

describe('The server takes and tells what the schemas of openapi.yaml say:', { timeout: 180_000 }, () => {
  let server: TestServer
  let client: Client
  before(async () => {
    server = await startServer()
    client = new Client(server)
  })
  after(() => server?.stop())

  it('events carry jobs, and what is left of deleted ones', async () => {
    const { body } = await client.fetch('/status/events')
    assert.ok(body)
    const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    const bytes = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
    const { id } = await client.upload({ filename: 'live.avi', bytes })
    const seen = new Set<string>()
    for await (const { event, id: eventId, data } of events) {
      const job = JSON.parse(data) as JobView & { updatedAt: string }
      assert.equal(api.mistakesBy('JobEvent', job), '')
      assert.deepEqual([event, eventId], ['job', job.updatedAt])
      if (job.id !== id) continue
      seen.add(job.status)
      if (job.status === 'MP3_COMPLETED') await client.fetch(`/status/${id}`, { method: 'DELETE' })
      if (job.status === 'DELETED') break
    }
    assert.ok(seen.has('CREATING_MP3') && seen.has('MP3_COMPLETED'), [...seen].join(', '))
  })

  describe('the limits of', () => {
    it('a page of jobs', async () => {
      const parameters = api.find('paths', '/status', 'get').value['parameters']
      const { schema } =
        (parameters as { name: string; schema: Limits }[]).find(({ name }) => name === 'limit') ?? {}
      assert.ok(schema)
      const { minimum, maximum } = schema
      for (const limit of [minimum, maximum]) await client.json(`/status?limit=${limit}`)
      for (const limit of [minimum - 1, maximum + 1]) await client.json(`/status?limit=${limit}`, {}, 422)
    })

    it('what an upload session is opened with', async () => {
      const limitsOf = (...keys: string[]): Limits =>
        api.find('components', 'schemas', ...keys).value as unknown as Limits
      const around = ({ minimum, maximum }: Limits): number[] => [minimum - 1, minimum, maximum, maximum + 1]
      const bodies: Record<string, unknown>[] = [
        ...around(limitsOf('UploadSessionRequest', 'properties', 'size')).map((size) => ({ size })),
        ...around(limitsOf('Bitrate')).map((bitrate) => ({ options: { bitrate } })),
        ...around(limitsOf('Quality')).map((quality) => ({ options: { quality } })),
        ...[1000, 1001].map((length) => ({ filename: 'x'.repeat(length) })),
        ...['video/mp4', 'video', 'video/mp4; codecs=avc1'].map((contentType) => ({ contentType })),
        { options: { bitrate: 64, quality: 0 } },
        { options: { colour: 'red' } },
        { colour: 'red' },
        { size: 1.5 },
        { size: '1' },
        { filename: undefined },
      ]
      for (const body of bodies) {
        // As it is sent: a field that is undefined is not there.
        const request = JSON.parse(JSON.stringify({ filename: 'a.mp4', size: 1, ...body })) as unknown
        const mistakes = api.mistakesBy('UploadSessionRequest', request)
        await client.json('/upload/sessions', sending('POST', request), mistakes === '' ? 201 : 422)
      }
    })
  })
})
