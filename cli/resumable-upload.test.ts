import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { after, before, beforeEach, describe, it } from 'node:test'
import { encodeCrc32c, extendCrc32c } from '../lib/crc32c.ts'
import { SessionGoneError, uploadResumably } from './resumable-upload.ts'
import { listen, type Listening } from './testing/listen.ts'

const MiB = 1024 * 1024
const chunk = 8 * MiB
const size = 2 * chunk + 12_345

describe('A resumable upload', { timeout: 30_000 }, () => {
  const bytes = randomBytes(size)
  let folder: string
  let path: string
  let server: Listening
  /** What to do with each request, in order; after them all, the bucket behaves. */
  let script: ((req: IncomingMessage, res: ServerResponse) => void | Promise<void>)[]
  let stored: Buffer[]
  let asked: string[]
  let waits: number[]

  const storedBytes = (): Buffer => Buffer.concat(stored)
  const status =
    (code: number, headers: Record<string, string> = {}) =>
    (req: IncomingMessage, res: ServerResponse) => {
      req.resume()
      req.on('end', () => res.writeHead(code, headers).end())
    }

  async function behave(req: IncomingMessage, res: ServerResponse, most = Infinity): Promise<void> {
    const body = await buffer(req)
    const first = /^bytes (\d+)-/.exec(req.headers['content-range'] ?? '')?.[1]
    const have = storedBytes().length
    if (first !== undefined) {
      assert.equal(Number(first), have, 'a chunk begins where the stored bytes end')
      stored.push(body.subarray(0, most))
    }
    incompleteOrDone(res)
  }

  function incompleteOrDone(res: ServerResponse): void {
    const have = storedBytes()
    if (have.length === size)
      res.writeHead(200).end(JSON.stringify({ crc32c: encodeCrc32c(extendCrc32c(0, have)) }))
    else res.writeHead(308, have.length > 0 ? { Range: `bytes=0-${have.length - 1}` } : {}).end()
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-cli-'))
    path = join(folder, 'video')
    server = await listen((req, res) => {
      asked.push(String(req.headers['content-range']))
      void (script.shift() ?? behave)(req, res)
    })
  })
  beforeEach(async () => {
    await writeFile(path, bytes)
    script = []
    stored = []
    asked = []
    waits = []
  })
  after(async () => {
    server.close()
    await rm(folder, { recursive: true })
  })

  const upload = (
    options: { signal?: AbortSignal; onProgress?: (sent: number) => void } = {},
  ): Promise<void> =>
    uploadResumably({
      ...{ path, size, uploadUrl: server.url },
      signal: options.signal ?? new AbortController().signal,
      onProgress: options.onProgress ?? (() => undefined),
      wait: async (seconds) => void waits.push(seconds),
    })

  it('goes in chunks of 8 MiB, each with its Content-Range', async () => {
    const progress: number[] = []
    await upload({ onProgress: (sent) => progress.push(sent) })
    assert.deepEqual(asked, [
      `bytes 0-${chunk - 1}/${size}`,
      `bytes ${chunk}-${2 * chunk - 1}/${size}`,
      `bytes ${2 * chunk}-${size - 1}/${size}`,
    ])
    assert.ok(storedBytes().equals(bytes))
    assert.deepEqual(waits, [])
    assert.equal(progress.at(-1), size)
    assert.deepEqual(
      progress,
      progress.toSorted((a, b) => a - b),
    )
    assert.ok(progress.length > 100, 'the bar moves within a chunk')
  })

  for (const code of [408, 429, 500, 502, 503, 504]) {
    it(`asks where it stands after ${code}, and goes on there`, async () => {
      script = [behave, status(code)]
      await upload()
      assert.deepEqual(asked.slice(1, 4), [
        `bytes ${chunk}-${2 * chunk - 1}/${size}`,
        `bytes */${size}`,
        `bytes ${chunk}-${2 * chunk - 1}/${size}`,
      ])
      assert.ok(storedBytes().equals(bytes))
      assert.equal(waits.length, 1)
    })
  }

  it('goes on where a connection was cut, with the bytes that were not stored', async () => {
    script = [
      async (req, res) => {
        const kept: Buffer[] = []
        let length = 0
        for await (const piece of req as AsyncIterable<Buffer>) {
          kept.push(piece)
          length += piece.length
          if (length >= 3 * MiB) break
        }
        stored.push(Buffer.concat(kept).subarray(0, 3 * MiB))
        res.destroy()
      },
    ]
    await upload()
    assert.deepEqual(asked.slice(1, 3), [
      `bytes */${size}`,
      `bytes ${3 * MiB}-${3 * MiB + chunk - 1}/${size}`,
    ])
    assert.ok(storedBytes().equals(bytes))
  })

  it('sends again what a bucket did not keep of a chunk', async () => {
    script = [(req, res) => behave(req, res, MiB)]
    await upload()
    assert.equal(asked[1], `bytes ${MiB}-${MiB + chunk - 1}/${size}`)
    assert.ok(storedBytes().equals(bytes))
  })

  it('takes a 308 without Range for what it is: nothing is stored', async () => {
    script = [status(308), status(308)]
    await upload()
    assert.deepEqual(asked.slice(0, 3), [
      `bytes 0-${chunk - 1}/${size}`,
      `bytes */${size}`,
      `bytes 0-${chunk - 1}/${size}`,
    ])
    assert.ok(storedBytes().equals(bytes))
    assert.equal(waits.length, 1, 'not without a pause')
  })

  it('finds out that all has arrived although the last answer was lost', async () => {
    script = [
      behave,
      behave,
      async (req, res) => {
        stored.push(await buffer(req))
        res.destroy()
      },
    ]
    await upload()
    assert.equal(asked.at(-1), `bytes */${size}`)
    assert.equal(asked.length, 4)
  })

  for (const code of [404, 410]) {
    it(`says after ${code} that the session is gone`, async () => {
      script = [behave, status(code)]
      await assert.rejects(upload(), SessionGoneError)
    })
  }

  it('ends with what the bucket says when that refuses', async () => {
    script = [
      (req, res) => {
        req.resume()
        res.writeHead(507).end(JSON.stringify({ error: { code: 507, message: 'The disk is full.' } }))
      },
    ]
    await assert.rejects(upload(), /^Error: The disk is full\.$/)
  })

  it('refuses a Range beyond the end of the file', async () => {
    script = [status(308, { Range: `bytes=0-${size}` })]
    await assert.rejects(upload(), /says that it stores/)
  })

  it('ends when what arrived is not what was sent', async () => {
    script = [
      behave,
      behave,
      (req, res) => {
        req.resume()
        res.writeHead(200).end(JSON.stringify({ crc32c: 'AAAAAA==' }))
      },
    ]
    await assert.rejects(upload(), /AAAAAA==.*not what was sent/)
  })

  it('waits longer and longer, and gives up in the end', async () => {
    script = Array.from(
      { length: 100 },
      () => (_req: IncomingMessage, res: ServerResponse) => void res.destroy(),
    )
    await assert.rejects(upload(), /not answered for minutes/)
    assert.equal(waits.length, 12)
    assert.ok((waits.at(-1) ?? 0) >= 15 && (waits.at(-1) ?? 0) <= 30)
    assert.ok((waits[0] ?? 0) <= 1)
  })

  it('ends when the file becomes shorter', async () => {
    script = [
      async (req, res) => {
        await truncate(path, chunk + 5)
        await behave(req, res)
      },
    ]
    await assert.rejects(upload(), /became shorter/)
  })

  it('ends at once when it is aborted', async () => {
    const aborter = new AbortController()
    script = [() => aborter.abort(new Error('Enough.'))]
    await assert.rejects(upload({ signal: aborter.signal }), /Enough/)
    assert.equal(asked.length, 1)
  })
})
