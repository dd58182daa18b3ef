import assert from 'node:assert/strict'
import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import { parse } from 'content-disposition'
import { Client, sending } from '../client.ts'
import { formOf } from '../form.ts'
import { makeVideo } from '../media.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

describe('An upload', { skip: unavailable, timeout: 180_000 }, () => {
  let server: TestServer
  let client: Client
  let video: Buffer<ArrayBuffer>

  before(async () => {
    server = await startServer()
    client = new Client(server)
    video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
  })
  after(() => server.stop())

  const listedIds = async () => (await client.list()).map(({ id }) => id)
  const post = (body: FormData | string, type?: string) =>
    client.problem('/upload', { method: 'POST', body, ...(type && { headers: { 'content-type': type } }) })
  const file = (bytes: Uint8Array<ArrayBuffer> = video) => new Blob([bytes], { type: 'video/mp4' })

  describe('in a form', () => {
    it('is answered with the job, at once', async () => {
      const job = await client.upload({ filename: 'a.mp4', bytes: video, fields: { bitrate: '128' } })
      assert.equal(job.filename, 'a.mp4')
      assert.equal(job.size, video.length)
      const done = await client.completed(job.id)
      assert.equal(done.target?.bitrate, 128)
    })

    const refusals: [what: string, form: () => FormData, code: string][] = [
      ['without a file', () => formOf(['bitrate', '128']), 'NO_FILE'],
      ['with two files', () => formOf(['file', file()], ['file', file()]), 'TOO_MANY_FILES'],
      ['with an empty file', () => formOf(['file', file(new Uint8Array())]), 'EMPTY_FILE'],
      ['with a field after the file', () => formOf(['file', file()], ['bitrate', '128']), 'FIELD_AFTER_FILE'],
      ['with the file under another name', () => formOf(['video', file()]), 'NO_FILE'],
      ['with a bitrate out of range', () => formOf(['bitrate', '32'], ['file', file()]), 'UNPROCESSABLE'],
      [
        'with a bitrate that is no number',
        () => formOf(['bitrate', 'high'], ['file', file()]),
        'UNPROCESSABLE',
      ],
      [
        'with bitrate and quality',
        () => formOf(['bitrate', '128'], ['quality', '2'], ['file', file()]),
        'UNPROCESSABLE',
      ],
      ['with a field that nobody knows', () => formOf(['colour', 'red'], ['file', file()]), 'UNPROCESSABLE'],
    ]
    for (const [what, form, code] of refusals) {
      it(`${what} is refused as ${code}, and leaves no job`, async () => {
        const listed = await listedIds()
        assert.equal((await post(form())).code, code)
        assert.deepEqual(await listedIds(), listed)
      })
    }

    it('that is no form is refused', async () => {
      assert.equal((await post('{}', 'application/json')).code, 'UNSUPPORTED_MEDIA_TYPE')
      assert.equal((await post('bytes', 'video/mp4')).code, 'UNSUPPORTED_MEDIA_TYPE')
      assert.equal((await post('x', 'multipart/form-data')).code, 'BAD_MULTIPART')
      assert.equal((await post('x', 'multipart/form-data; boundary=b')).code, 'BAD_MULTIPART')
    })

    it('that breaks off leaves neither job nor bytes', async () => {
      const listed = await listedIds()
      const storedBefore = await server.countStored()
      const req = request(`${client.apiUrl}/upload`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${client.token}`,
          'content-type': 'multipart/form-data; boundary=b',
          'content-length': 10_000_000,
        },
      })
      req.on('error', () => undefined)
      const closed = new Promise((resolve) => req.once('close', resolve))
      req.write('--b\r\nContent-Disposition: form-data; name="file"; filename="half.mp4"\r\n\r\n')
      req.write(Buffer.alloc(1_000_000))
      const isThere = async () => (await client.list()).some((job) => job.filename === 'half.mp4')
      while (!(await isThere())) await delay(10)
      req.destroy()
      await closed
      while (await isThere()) await delay(10)
      assert.deepEqual(await listedIds(), listed)
      while ((await server.countStored()) > storedBefore) await delay(10)
    })
  })

  describe('keeps the name that a person gave', () => {
    const names = [
      'plain.mp4',
      'with "quotes" and \'apostrophes\'.mp4',
      'semicolon; comma, = and %41.mp4',
      'Ümläut – 🎬 📼.avi',
      'סרטון משפחתי.mp4',
      `${'long '.repeat(59)}.mp4`,
      'no extension',
      '.hidden.mov',
    ]
    for (const name of names) {
      it(
        JSON.stringify(name.length > 60 ? `${name.slice(0, 20)}… (${name.length} characters)` : name),
        async () => {
          const { id } = await client.upload({ filename: name, bytes: video })
          const job = await client.completed(id)
          assert.equal(job.filename, name)
          const { url } = await client.json<{ url: string }>(`/download/${id}?format=json`)
          const response = await fetch(url)
          await response.arrayBuffer()
          const { parameters } = parse(response.headers.get('content-disposition') ?? '')
          assert.equal(parameters['filename'], name.replace(/(?<=.)\.(mp4|avi|mov)$/, '') + '.mp3')
        },
      )
    }

    it('but no path', async () => {
      for (const path of ['../../etc/passwd.mp4', 'C:\\videos\\passwd.mp4', '/etc/passwd.mp4']) {
        assert.equal((await client.uploadBySession({ filename: path, bytes: video })).filename, 'passwd.mp4')
      }
    })
  })

  describe('by a session', () => {
    it('goes to the bucket and becomes its MP3', async () => {
      const { id } = await client.uploadBySession({
        filename: 's.mp4',
        bytes: video,
        options: { quality: 9 },
      })
      const job = await client.completed(id)
      assert.match(job.times.route, /^upload@\S+ → transcode@\S+$/)
    })

    it('is refused with every mistake named', async () => {
      const body = { filename: 5, size: 0, options: { bitrate: 1 }, surprise: true }
      const problem = await client.problem('/upload/sessions', sending('POST', body))
      assert.equal(problem.code, 'UNPROCESSABLE')
      for (const field of ['filename', 'size', 'options.bitrate', 'surprise'])
        assert.match(problem.detail, new RegExp(field))
    })
  })
})
