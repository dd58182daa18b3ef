import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { children, lengthOf } from '../../functions/transcode/media/mp4/boxes.ts'
import { Client, type JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, surroundings, unavailable, type TestServer } from '../server.ts'

const mostBytes = 8 * 1024 * 1024

for (const [where, env] of surroundings) {
  describe(`Playing an MP4 ${where}`, { skip: unavailable, timeout: 180_000 }, () => {
    let server: TestServer
    let client: Client
    let job: JobView
    let path: string
    /** The MP4 as the bucket gives it. */
    let mp4: Buffer

    before(async () => {
      server = await startServer({ env })
      client = new Client(server)
      // Mostly sound, which is quickly made: an MP4 of more bytes than an answer can have.
      const bytes = await makeVideo({
        format: ['avi'],
        audio: ['libmp3lame', '-b:a', '320k'],
        video: ['mpeg4', '-r', '1'],
        seconds: 215,
        silent: true,
      })
      job = await client.completed((await client.uploadBySession({ filename: 'long.avi', bytes })).id)
      const { url } = await client.json<{ url: string }>(`/download/${job.id}/video?format=json`)
      mp4 = Buffer.from(await (await fetch(url)).arrayBuffer())
      path = await client.openStream(job.id)
    })
    after(() => server.stop())

    /** As a video element asks: without a token in the headers. */
    const get = (headers: Record<string, string>, method = 'GET'): Promise<Response> =>
      fetch(server.apiUrl + path, { method, headers, redirect: 'manual' })

    async function assertIsPart(response: Response, start: number, end: number): Promise<void> {
      assert.equal(response.status, 206)
      assert.equal(response.headers.get('content-range'), `bytes ${start}-${end}/${mp4.length}`)
      assert.equal(response.headers.get('content-length'), String(end - start + 1))
      const body = Buffer.from(await response.arrayBuffer())
      assert.ok(body.equals(mp4.subarray(start, end + 1)), 'other bytes than those of the MP4')
    }

    it('finds at its beginning where everything is, and nothing behind that but pictures and sound', () => {
      const boxes = [...children(mp4)]
      assert.deepEqual(
        boxes.map(({ type }) => type),
        ['ftyp', 'moov', 'mdat'],
      )
      assert.equal(lengthOf(boxes.map(({ whole }) => whole)), mp4.length)
    })

    it('gets the range that was asked for', async () => {
      await assertIsPart(await get({ range: 'bytes=100-199' }), 100, 199)
      await assertIsPart(await get({ range: 'bytes=-100' }), mp4.length - 100, mp4.length - 1)
    })

    it('gets at most 8 MiB at once, and the whole part by part', async () => {
      assert.ok(mp4.length > mostBytes)
      await assertIsPart(await get({ range: 'bytes=0-' }), 0, mostBytes - 1)
      await assertIsPart(await get({ range: `bytes=${mostBytes}-` }), mostBytes, mp4.length - 1)
    })

    it('is told what the bytes are, and that nobody may keep or run them', async () => {
      const { headers } = await get({ range: 'bytes=0-0' })
      assert.equal(headers.get('content-type'), 'video/mp4')
      assert.equal(headers.get('accept-ranges'), 'bytes')
      assert.equal(headers.get('cache-control'), 'private, no-store')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('content-security-policy'), 'sandbox')
      assert.match(headers.get('etag') ?? '', /^"[^"]+"$/)
    })

    it('is led to the bucket without a range, and to the right bytes there', async () => {
      const redirect = await get({})
      assert.equal(redirect.status, 302)
      assert.equal(redirect.headers.get('accept-ranges'), 'bytes')
      const response = await fetch(redirect.headers.get('location') ?? '')
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(mp4))
      assert.equal((await get({ range: 'bytes=0-9' }, 'HEAD')).status, 302)
    })

    it('is refused a range behind the end, and told where that is', async () => {
      const response = await get({ range: `bytes=${mp4.length}-` })
      assert.equal(response.status, 416)
      assert.equal(response.headers.get('content-range'), `bytes */${mp4.length}`)
      assert.equal(((await response.json()) as { code: string }).code, 'RANGE_NOT_SATISFIABLE')
    })

    it('goes on only with the same bytes', async () => {
      const range = 'bytes=0-9'
      const etag = (await get({ range })).headers.get('etag') ?? ''
      path = await client.openStream(job.id)
      assert.equal((await get({ range, 'if-range': etag })).status, 206)
      for (const other of [`W/${etag}`, '"other"', new Date().toUTCString()])
        assert.equal((await get({ range, 'if-range': other })).status, 302)
    })

    it('is refused another job, and one that is deleted', async () => {
      const bytes = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
      const { id } = await client.completed((await client.upload({ filename: 'other.avi', bytes })).id)
      const problem = (of: string): Promise<{ code: string }> => client.problem(of)
      assert.equal((await problem(path.replace(job.id, id))).code, 'TOKEN_INVALID')
      const own = await client.openStream(id)
      await client.fetch(`/status/${id}`, { method: 'DELETE' })
      assert.equal((await problem(own)).code, 'NOT_FOUND')
      const opened = await client.problem(`/download/${id}/stream-token`, { method: 'POST' })
      assert.equal(opened.code, 'NOT_FOUND')
    })

    it('may be left in the middle, as players do when they seek', async () => {
      for (let time = 0; time < 10; time++) await hangUp(server.apiUrl + path)
      await assertIsPart(await get({ range: 'bytes=5000-5999' }), 5000, 5999)
      assert.doesNotMatch(server.log(), /A request failed/)
    })

    it('leaves no token in the log', () => {
      const token = path.split('token=')[1] ?? ''
      assert.ok(token.length > 40 && !server.log().includes(token))
    })
  })
}

/** Asks for as much as there is, and goes away with the first bytes. */
function hangUp(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { range: 'bytes=0-' } }, (response) =>
      response.once('data', () => response.destroy()).once('close', resolve),
    )
      .once('error', reject)
      .end()
  })
}
