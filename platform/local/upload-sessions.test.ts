import assert from 'node:assert/strict'
import { readdir, stat } from 'node:fs/promises'
import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { sampleBytes } from '../../test/conformance/objects/suite.ts'
import { pageOrigin, startBuckets, type Buckets } from './testing/buckets.ts'

const quantum = 256 * 1024
const dayMs = 24 * 3600 * 1000

describe('Upload sessions on this machine', () => {
  let buckets: Buckets
  let count = 0
  before(async () => {
    buckets = await startBuckets()
  })
  afterEach(async () => {
    for await (const object of buckets.objects.list('b', '')) await buckets.objects.delete(object)
    assert.deepEqual(await files(), [], 'every test leaves no file')
  })
  after(() => buckets.close())

  const files = (): Promise<string[]> => readdir(join(buckets.dataDir, 'objects'))
  async function open(size: number): Promise<{ url: string; read: () => Promise<Buffer> }> {
    const object = { bucket: 'b', name: `object-${++count}` }
    return {
      url: await buckets.objects.createUploadSession(object, { contentType: 'video/mp4', size }),
      read: async () => buffer(await buckets.objects.read(object)),
    }
  }

  /** Waits until a stored file has that length. */
  async function received(length: number): Promise<void> {
    for (;;) {
      const names = await files()
      const sizes = await Promise.all(
        names.map(async (name) => (await stat(join(buckets.dataDir, 'objects', name))).size),
      )
      if (sizes.includes(length)) return
      await sleep(2)
    }
  }

  describe('keep', () => {
    it('what had arrived when the connection broke, down to a multiple of 256 KiB', async () => {
      const bytes = sampleBytes(4 * quantum)
      const { url, read } = await open(bytes.length)
      const sending = begin(url, bytes.length)
      sending.write(bytes.subarray(0, 2 * quantum + 4321))
      await received(2 * quantum)
      sending.destroy()
      assert.equal(await storedBytes(url), 2 * quantum)
      const rest = bytes.subarray(2 * quantum)
      const end = await put(url, rest, `bytes ${2 * quantum}-*/${bytes.length}`)
      assert.equal(end.status, 200)
      assert.ok(bytes.equals(await read()))
    })

    it('only multiples of 256 KiB of a chunk that is not the last', async () => {
      const bytes = sampleBytes(3 * quantum)
      const { url, read } = await open(bytes.length)
      const odd = await put(url, bytes.subarray(0, quantum + 1000), `bytes 0-${quantum + 999}/*`)
      assert.equal(odd.status, 308)
      assert.equal(odd.headers.get('range'), `bytes=0-${quantum - 1}`)
      assert.equal((await put(url, bytes.subarray(quantum), `bytes ${quantum}-*/*`)).status, 200)
      assert.ok(bytes.equals(await read()))
    })
  })

  it('that are cancelled take no more of a request that is under way', async () => {
    const mebibyte = Buffer.alloc(1024 * 1024)
    const { url } = await open(1024 * mebibyte.length)
    const sending = begin(url, 1024 * mebibyte.length)
    const answered = response(sending)
    sending.write(mebibyte)
    await received(mebibyte.length)
    await buckets.objects.cancelUploadSession(url)
    const over = new AbortController()
    const finished = answered.finally(() => over.abort())
    let sent = 1
    for (; !over.signal.aborted && sent < 1024; sent++) {
      const isTaken = sending.write(mebibyte)
      await (isTaken ? setImmediate() : Promise.race([once(sending, 'drain'), finished]))
    }
    assert.equal((await finished).statusCode, 410)
    assert.ok(sent < 100, `${sent} MiB were taken`)
    sending.destroy()
  })

  describe('refuse with 400', () => {
    const refusals: [string, number, string, RegExp][] = [
      ['a chunk before the last of less than 256 KiB', 1000, 'bytes 0-999/*', /262144/],
      ['a chunk that goes beyond the declared size', 3 * quantum, `bytes 0-${3 * quantum - 1}/*`, /beyond/],
      ['a header that is not one', 1000, 'bytes 0-x/*', /Content-Range/],
      [
        'fewer bytes than Content-Range says',
        1000,
        `bytes 0-${2 * quantum - 1}/${2 * quantum}`,
        /Content-Length/,
      ],
      ['more bytes than Content-Range says', quantum + 1, `bytes 0-${quantum - 1}/*`, /Content-Length/],
      ['another total', 1000, 'bytes 0-999/1000', /524288/],
      ['an end before the declared size', 1000, 'bytes 0-*/*', /ended early/],
    ]
    for (const [what, length, contentRange, message] of refusals)
      it(what, async () => {
        const { url } = await open(2 * quantum)
        const answer = await put(url, sampleBytes(length), contentRange)
        assert.equal(answer.status, 400)
        assert.match(await errorMessage(answer), message)
        assert.equal(await storedBytes(url), 0)
        await fetch(url, { method: 'DELETE' })
      })

    const tooLong: [string, string | undefined][] = [
      ['the declared size', undefined],
      ['its Content-Range', `bytes 0-${quantum - 1}/*`],
    ]
    for (const [limit, contentRange] of tooLong)
      it(`a body without a length that turns out longer than ${limit}`, async () => {
        const { url } = await open(contentRange === undefined ? quantum : 4 * quantum)
        const sending = begin(url, undefined, contentRange)
        const answered = response(sending)
        sending.write(Buffer.alloc(quantum))
        sending.end('!')
        const answer = await answered
        assert.equal(answer.statusCode, 400)
        assert.match(await text(answer), /More than 262144 bytes/)
        assert.equal((await fetch(url, { method: 'DELETE' })).status, 499)
      })

    it('bytes whose CRC32C is not the one sent along; the session is over then', async () => {
      const { url } = await open(9)
      const wrong = await put(url, Buffer.from('12345678!'), undefined, {
        'X-Goog-Hash': 'md5=x,crc32c=4waSgw==',
      })
      assert.equal(wrong.status, 400)
      assert.match(await errorMessage(wrong), /CRC32C/)
      assert.equal((await put(url, Buffer.from('123456789'))).status, 400)
    })
  })

  it('take bytes whose CRC32C is the one sent along', async () => {
    const { url } = await open(9)
    const right = await put(url, Buffer.from('123456789'), undefined, { 'X-Goog-Hash': 'crc32c=4waSgw==' })
    assert.equal(right.status, 200)
  })

  it('answer a gap with 503: ask, then go on', async () => {
    const { url } = await open(3 * quantum)
    const gap = await put(url, sampleBytes(quantum), `bytes ${quantum}-${2 * quantum - 1}/*`)
    assert.equal(gap.status, 503)
    await fetch(url, { method: 'DELETE' })
  })

  it('answer 405 to other methods', async () => {
    const { url } = await open(3)
    for (const method of ['GET', 'POST', 'PATCH']) assert.equal((await fetch(url, { method })).status, 405)
    await fetch(url, { method: 'DELETE' })
  })

  it('let only the page that opened them read answers; without one, none', async () => {
    const { url } = await open(3)
    const { headers } = await put(url, Buffer.alloc(0), 'bytes */*', { Origin: pageOrigin })
    assert.equal(headers.get('access-control-allow-origin'), null)
    await fetch(url, { method: 'DELETE' })
  })

  describe('with two requests at once', () => {
    it('end the older one: its client must have lost the connection', async () => {
      const bytes = sampleBytes(4 * quantum)
      const { url, read } = await open(bytes.length)
      const older = begin(url, bytes.length)
      const ended = response(older).then(
        () => 'answered',
        () => 'cut',
      )
      older.write(bytes.subarray(0, 3 * quantum))
      await received(3 * quantum)
      assert.equal(await storedBytes(url), 3 * quantum)
      assert.equal(await ended, 'cut')
      const rest = bytes.subarray(3 * quantum)
      assert.equal((await put(url, rest, `bytes ${3 * quantum}-*/*`)).status, 200)
      assert.ok(bytes.equals(await read()))
    })

    it('store every byte once however many send them', async () => {
      const bytes = sampleBytes(6 * quantum + 99)
      const { url, read } = await open(bytes.length)
      await Promise.allSettled(Array.from({ length: 10 }, () => put(url, bytes)))
      assert.equal((await put(url, bytes)).status, 200)
      assert.ok(bytes.equals(await read()))
      assert.equal(buckets.finalized.filter(({ size }) => size === bytes.length).length, 1)
    })
  })

  describe('after a week', () => {
    it('are gone (410), and so is what they had stored', async (t) => {
      const { url } = await open(2 * quantum)
      await put(url, sampleBytes(quantum), `bytes 0-${quantum - 1}/*`)
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 7 * dayMs - 60_000 })
      assert.equal(await storedBytes(url), quantum)
      t.mock.timers.setTime(Date.now() + 60_000)
      assert.equal((await put(url, sampleBytes(2 * quantum))).status, 410)
      assert.deepEqual(await files(), [])
    })

    it('are removed without being asked, and forgotten after another', async (t) => {
      const { url } = await open(2 * quantum)
      const { url: finished } = await open(1)
      await put(finished, Buffer.from('x'))
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 7 * dayMs })
      await buckets.objects.removeExpiredSessions()
      assert.equal((await files()).length, 1, "the finished object's")
      assert.equal((await put(url, Buffer.alloc(0), 'bytes */*')).status, 410)
      assert.equal((await put(finished, Buffer.alloc(0), 'bytes */*')).status, 200)
      t.mock.timers.setTime(Date.now() + 7 * dayMs)
      await buckets.objects.removeExpiredSessions()
      const forgotten = await put(url, Buffer.alloc(0), 'bytes */*', { Origin: pageOrigin })
      assert.equal(forgotten.status, 404)
      assert.equal(forgotten.headers.get('access-control-allow-origin'), pageOrigin)
    })

    it('while bytes come in: nothing appears', async (t) => {
      const bytes = sampleBytes(2 * quantum)
      const { url } = await open(bytes.length)
      const sending = begin(url, bytes.length)
      const answered = response(sending)
      sending.write(bytes.subarray(0, quantum))
      await received(quantum)
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 7 * dayMs })
      await buckets.objects.removeExpiredSessions()
      sending.end(bytes.subarray(quantum))
      assert.equal((await answered).statusCode, 410)
    })
  })
})

function put(
  url: string,
  bytes: Buffer,
  contentRange?: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url, {
    method: 'PUT',
    body: new Uint8Array(bytes),
    headers: { ...headers, ...(contentRange !== undefined && { 'Content-Range': contentRange }) },
  })
}

async function storedBytes(url: string): Promise<number> {
  const asked = await put(url, Buffer.alloc(0), 'bytes */*')
  assert.equal(asked.status, 308)
  const range = asked.headers.get('range')
  return range === null ? 0 : Number(range.split('-')[1]) + 1
}

/** A PUT whose bytes the test sends; without a length it is chunked. */
function begin(url: string, length: number | undefined, contentRange?: string): ClientRequest {
  const headers = {
    ...(length !== undefined && { 'Content-Length': length }),
    ...(contentRange !== undefined && { 'Content-Range': contentRange }),
  }
  return request(url, { method: 'PUT', headers, agent: false }).on('error', () => undefined)
}

const response = (sending: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => sending.once('response', resolve).once('error', reject))

async function errorMessage(answer: Response): Promise<string> {
  return JSON.stringify(await answer.json())
}
