import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { serveRanges } from './range-server.ts'
import { readBytes, readRange, type Source } from './source.ts'
import { sourceOf } from './testing.ts'

const bytes = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, at) => (at * 7) % 251))

/** A source whose reads break off after `length` bytes each, the first `times` times. */
function fragile(length: number, times: number): Source & { reads: [number, number][] } {
  const good = sourceOf(bytes)
  const reads: [number, number][] = []
  return {
    size: good.size,
    reads,
    read: async (start, end) => {
      reads.push([start, end])
      if (reads.length > times) return good.read(start, end)
      const pieces = async function* () {
        yield bytes.subarray(start, Math.min(start + length, end + 1))
        throw new Error('connection reset')
      }
      return Readable.from(pieces())
    },
  }
}

const never = (): Promise<never> => new Promise(() => {})

describe('reading a source', { concurrency: true }, () => {
  it('gives the bytes of a range, both ends included', async () => {
    assert.deepEqual(await readBytes(sourceOf(bytes), 10, 19), bytes.subarray(10, 20))
    assert.deepEqual(await readBytes(sourceOf(bytes), 0, bytes.length - 1), bytes)
    assert.deepEqual(await readBytes(sourceOf(bytes), bytes.length - 5, bytes.length + 5), bytes.subarray(-5))
  })

  it('takes up a broken read where it stopped', async () => {
    const source = fragile(1000, 2)
    assert.deepEqual(await readBytes(source, 500, 99_999), bytes.subarray(500))
    assert.deepEqual(source.reads, [
      [500, 99_999],
      [1500, 99_999],
      [2500, 99_999],
    ])
  })

  it('takes up a read that ends too early without an error', async () => {
    let reads = 0
    const source: Source = {
      size: bytes.length,
      read: async (start, end) => Readable.from([bytes.subarray(start, reads++ ? end + 1 : start + 7)]),
    }
    assert.deepEqual(await readBytes(source, 0, 999), bytes.subarray(0, 1000))
  })

  it('throws what the source threw once a byte has failed four times', async () => {
    const source = fragile(0, Infinity)
    await assert.rejects(readBytes(source, 0, 9), /connection reset/)
    assert.equal(source.reads.length, 4)
  })

  it('notices a source that falls silent, whether before or after its first byte', async () => {
    let reads = 0
    const source: Source = {
      size: bytes.length,
      read: async (start, end) => {
        if (++reads === 1) return never()
        const stuck = new Readable({ read() {} })
        stuck.push(bytes.subarray(start, start + 10))
        return reads === 2 ? stuck : Readable.from([bytes.subarray(start, end + 1)])
      },
    }
    assert.deepEqual(await readBytes(source, 0, 99, { stallSeconds: 0.05 }), bytes.subarray(0, 100))
    assert.equal(reads, 3)
    await assert.rejects(
      readBytes({ size: 10, read: never }, 0, 9, { stallSeconds: 0.01 }),
      /^Error: the source gave no byte for 0.01 s$/,
    )
  })

  it('does not blame the source for a slow reader', async () => {
    const source = fragile(0, 0)
    const parts: Buffer[] = []
    for await (const part of readRange(source, 0, 29_999, { stallSeconds: 0.02 })) {
      parts.push(part)
      await new Promise((resolve) => setTimeout(resolve, 40))
    }
    assert.deepEqual(Buffer.concat(parts), bytes.subarray(0, 30_000))
    assert.equal(source.reads.length, 1)
  })

  it('stops when told to, and closes the source’s stream', async () => {
    const stream = new Readable({ read() {} })
    stream.push(Buffer.alloc(10))
    const stop = new AbortController()
    const reading = readBytes({ size: 100, read: async () => stream }, 0, 99, { signal: stop.signal })
    setImmediate(() => stop.abort(new Error('enough')))
    await assert.rejects(reading, /^Error: enough$/)
    assert.equal(stream.destroyed, true)
  })
})

describe('the range server', { concurrency: true }, () => {
  const withServer = async (source: Source, work: (url: string, failed: AbortSignal) => Promise<void>) => {
    const server = await serveRanges(source, { stallSeconds: 0.05 })
    try {
      await work(server.url, server.failed)
    } finally {
      await server.close()
    }
  }
  const get = async (url: string, range?: string) => {
    const response = await fetch(url, range === undefined ? {} : { headers: { range } })
    return {
      status: response.status,
      contentRange: response.headers.get('content-range'),
      body: response.body ? await buffer(response.body) : Buffer.alloc(0),
    }
  }

  it('answers ranges as HTTP has them', () =>
    withServer(sourceOf(bytes), async (url) => {
      assert.deepEqual(await get(url, 'bytes=10-19'), {
        status: 206,
        contentRange: 'bytes 10-19/100000',
        body: bytes.subarray(10, 20),
      })
      assert.deepEqual((await get(url, 'bytes=99990-')).body, bytes.subarray(-10))
      assert.deepEqual((await get(url)).body, bytes)
      assert.partialDeepStrictEqual(await get(url, 'bytes=100000-'), {
        status: 416,
        contentRange: 'bytes */100000',
      })
    }))

  it('listens on the loopback interface, under a path that cannot be guessed', () =>
    withServer(sourceOf(bytes), async (url) => {
      const { hostname, pathname, origin } = new URL(url)
      assert.equal(hostname, '127.0.0.1')
      assert.match(pathname, /^\/[0-9a-f]{32}$/)
      assert.equal((await get(origin)).status, 404)
      assert.equal((await get(`${url}x`)).status, 404)
      assert.equal((await fetch(url, { method: 'POST' })).status, 404)
    }))

  it('mends what the source breaks', () =>
    withServer(fragile(30_000, 2), async (url, failed) => {
      assert.deepEqual((await get(url)).body, bytes)
      assert.equal(failed.aborted, false)
    }))

  it('cuts the connection and says so when it cannot mend', () =>
    withServer(fragile(0, Infinity), async (url, failed) => {
      await assert.rejects(get(url))
      assert.equal(failed.aborted, true)
      assert.match(String(failed.reason.cause), /connection reset/)
    }))

  it('says so, and reads no more, when it is asked too often', async () => {
    const server = await serveRanges(sourceOf(bytes), { mostRequests: 2 })
    try {
      await get(server.url)
      await get(server.url)
      assert.equal(server.failed.aborted, false)
      await assert.rejects(get(server.url))
      assert.equal(server.failed.reason.code, 'TOO_LONG')
    } finally {
      await server.close()
    }
  })

  it('closes the source’s stream when its client goes, and takes that for no failure', async () => {
    const stream = new Readable({ read() {} })
    stream.push(Buffer.alloc(10))
    const closed = new Promise((resolve) => stream.once('close', resolve))
    await withServer({ size: 1000, read: async () => stream }, async (url, failed) => {
      const client = new AbortController()
      const response = await fetch(url, { signal: client.signal })
      await response.body?.getReader().read()
      client.abort()
      await closed
      assert.equal(failed.aborted, false)
    })
  })

  it('waits for its client', () =>
    withServer({ size: 1e9, read: async () => endless() }, async (url) => {
      const client = new AbortController()
      const response = await fetch(url, { signal: client.signal })
      await response.body?.getReader().read()
      // Sockets and streams take up some megabytes before everything stands still.
      const before = await standstill(() => produced)
      assert.ok(before < 20e6, `${before} bytes were read ahead`)
      client.abort()
    }))

  let produced = 0
  const endless = (): Readable =>
    new Readable({
      read() {
        produced += 65536
        this.push(Buffer.alloc(65536))
      },
    })
  const standstill = async (value: () => number): Promise<number> => {
    for (let last = -1; ; last = value()) {
      await new Promise((resolve) => setTimeout(resolve, 100))
      if (value() === last) return last
    }
  }
})
