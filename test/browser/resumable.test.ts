import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { Checksum } from '../../web/uploads/checksum.ts'
import { newSession, resumedSession } from '../../lib/resumable.ts'
import {
  chunkBytes,
  SessionGoneError,
  uploadResumably,
  type UploadProgress,
} from '../../web/uploads/resumable.ts'
import type { Incoming, Send } from '../../web/api/transport.ts'

const size = 2 * chunkBytes + 1000
const bytes = randomBytes(size)
const crc32c = await checksumOf(bytes)

async function checksumOf(content: Uint8Array<ArrayBuffer>): Promise<string> {
  const checksum = new Checksum(new Blob([content]))
  // In odd steps, as resuming takes them.
  for (let end = 0; end < content.length; end += 999_999) await checksum.extendTo(end)
  await checksum.extendTo(content.length)
  return String(checksum)
}

const incomplete = (stored: number): Partial<Incoming> => ({
  status: 308,
  header: (name) => (name === 'Range' && stored > 0 ? `bytes=0-${stored - 1}` : null),
})
const complete = { status: 200, text: JSON.stringify({ crc32c, size: String(size) }) }
const status = (code: number): Partial<Incoming> => ({ status: code })
const noAnswer = status(0)

/** Lets a bucket give these answers, one after the other, to an upload; tells what was asked of it. */
async function upload(answers: Partial<Incoming>[], from = newSession, file: Blob = new Blob([bytes])) {
  const left = [...answers]
  const asked: string[] = []
  const waits: number[] = []
  const progress: UploadProgress[] = []
  const send: Send = async ({ headers, body }) => {
    const range = headers?.['Content-Range'] ?? ''
    asked.push(range)
    const match = /^bytes (\d+)-(\d+)\//.exec(range)
    if (match) {
      const sent = bytes.subarray(Number(match[1]), Number(match[2]) + 1)
      assert.ok(
        body instanceof Blob && sent.equals(Buffer.from(await body.arrayBuffer())),
        'other bytes than it says',
      )
    } else assert.equal(body, undefined)
    return {
      header: () => null,
      text: '',
      status: 0,
      ...(left.shift() ?? assert.fail('one request too many')),
    }
  }
  const error = await uploadResumably({
    file,
    uploadUrl: 'https://bucket.test/session',
    from,
    signal: new AbortController().signal,
    onProgress: (state) => progress.push(state),
    send,
    wait: async (seconds) => void waits.push(seconds),
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.equal(left.length, 0, `${left.length} answers were not asked for`)
  return { asked, waits, progress, error }
}

const part = (first: number, last: number): string => `bytes ${first}-${last - 1}/${size}`
const query = `bytes */${size}`
const allParts = [part(0, chunkBytes), part(chunkBytes, 2 * chunkBytes), part(2 * chunkBytes, size)]

describe("The page's resumable upload", () => {
  it('computes CRC32C as the bucket does', async () => {
    // The check value of CRC-32C (RFC 3720's polynomial) for these nine characters: 0xE3069283.
    assert.equal(await checksumOf(new TextEncoder().encode('123456789')), '4waSgw==')
  })

  it('sends chunks of a multiple of 256 KiB, and the rest', async () => {
    const { asked, waits, error } = await upload([
      incomplete(chunkBytes),
      incomplete(2 * chunkBytes),
      complete,
    ])
    assert.equal(error, undefined)
    assert.deepEqual(asked, allParts)
    assert.equal(chunkBytes % (256 * 1024), 0)
    assert.deepEqual(waits, [])
  })

  it('goes on from what is stored, where that is less than what was sent', async () => {
    const stored = 256 * 1024
    const { asked } = await upload([incomplete(stored), complete])
    assert.deepEqual(asked, [part(0, chunkBytes), part(stored, stored + chunkBytes)])
  })

  it('takes a 308 without Range for nothing stored: it asks, and begins again', async () => {
    const { asked, error } = await upload([
      incomplete(0),
      incomplete(0),
      incomplete(chunkBytes),
      incomplete(2 * chunkBytes),
      complete,
    ])
    assert.equal(error, undefined)
    assert.deepEqual(asked, [part(0, chunkBytes), query, ...allParts])
  })

  for (const failure of [0, 408, 429, 500, 502, 503, 504]) {
    it(`asks where it stands after ${failure === 0 ? 'a lost connection' : failure}, having waited`, async () => {
      const answers = [incomplete(chunkBytes), status(failure), incomplete(chunkBytes + 256 * 1024), complete]
      const { asked, waits, error } = await upload(answers)
      assert.equal(error, undefined)
      const stored = chunkBytes + 256 * 1024
      assert.deepEqual(asked, [
        part(0, chunkBytes),
        part(chunkBytes, 2 * chunkBytes),
        query,
        part(stored, size),
      ])
      assert.equal(waits.length, 1)
    })
  }

  it('waits longer and longer while nothing gets through, and says that it is interrupted', async () => {
    const { waits, progress } = await upload([...Array.from({ length: 12 }, () => noAnswer), complete])
    assert.equal(waits.length, 12)
    for (const [index, seconds] of waits.entries()) {
      const most = Math.min(30, 2 ** index)
      assert.ok(seconds >= most / 2 && seconds <= most, `wait ${index} took ${seconds} s`)
    }
    assert.deepEqual(progress.at(-1), { sentBytes: 0, isInterrupted: true })
  })

  it('is over when the bucket had everything and only its answer was lost', async () => {
    const { asked, error } = await upload([
      incomplete(chunkBytes),
      incomplete(2 * chunkBytes),
      noAnswer,
      complete,
    ])
    assert.equal(error, undefined)
    assert.deepEqual(asked, [...allParts, query])
  })

  it('asks again where all bytes are stored but the object is not there yet', async () => {
    const answers = [incomplete(chunkBytes), incomplete(2 * chunkBytes), incomplete(size), complete]
    assert.deepEqual((await upload(answers)).asked, [...allParts, query])
  })

  it('resumes a session of an earlier time by asking first, and still compares the whole checksum', async () => {
    const { asked, error } = await upload([incomplete(2 * chunkBytes), complete], resumedSession)
    assert.equal(error, undefined)
    assert.deepEqual(asked, [query, part(2 * chunkBytes, size)])
  })

  for (const code of [404, 410]) {
    it(`says that the session is gone at ${code}`, async () => {
      assert.ok((await upload([incomplete(chunkBytes), status(code)])).error instanceof SessionGoneError)
    })
  }

  it('fails with what the bucket says when it refuses', async () => {
    const refusal = {
      status: 412,
      text: JSON.stringify({ error: { code: 412, message: 'There is one already.' } }),
    }
    const { error } = await upload([refusal])
    assert.ok(error instanceof Error)
    assert.equal(error.message, 'There is one already.')
  })

  it('fails on a Range that cannot be', async () => {
    const { error } = await upload([incomplete(size + 1)])
    assert.match(String(error), /bytes=0-\d+/)
  })

  it('fails when other bytes have arrived than were sent', async () => {
    const other = { status: 200, text: JSON.stringify({ crc32c: 'AAAAAA==' }) }
    const { error } = await upload([incomplete(chunkBytes), incomplete(2 * chunkBytes), other])
    assert.match(String(error), /damaged on its way/)
  })

  it('fails when the file cannot be read any more, instead of trying for ever', async () => {
    const file = new Blob([bytes])
    const slice = file.slice.bind(file)
    file.slice = (start, end) =>
      Object.assign(slice(start, end), { arrayBuffer: () => Promise.reject(new Error('gone')) })
    // The connection breaks as well: a browser cannot send what it cannot read.
    const left = [noAnswer]
    const running = uploadResumably({
      file,
      uploadUrl: 'https://bucket.test/session',
      from: newSession,
      signal: new AbortController().signal,
      onProgress: () => undefined,
      send: async () => ({
        header: () => null,
        text: '',
        status: 0,
        ...(left.shift() ?? assert.fail('tried again')),
      }),
      wait: async () => undefined,
    })
    await assert.rejects(running, { name: 'PageError', code: 'FILE_UNREADABLE' })
  })

  it('ends at once when it is cancelled', async () => {
    const aborter = new AbortController()
    const running = uploadResumably({
      file: new Blob([bytes]),
      uploadUrl: 'https://bucket.test/session',
      from: newSession,
      signal: aborter.signal,
      onProgress: () => undefined,
      async send({ signal }) {
        aborter.abort()
        signal.throwIfAborted()
        return assert.fail('the signal was not handed on')
      },
      wait: async () => undefined,
    })
    await assert.rejects(running, { name: 'AbortError' })
  })
})
