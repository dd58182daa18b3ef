import assert from 'node:assert/strict'
import { mkdtemp, open, readFile, rm, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { extendCrc32c } from '../../lib/crc32c.ts'
import { sampleBytes } from '../../test/conformance/objects/suite.ts'
import { append, chunkQuantum, type Mark } from './append.ts'

const none = { size: 0, crc32c: 0 }
const markOf = (bytes: Uint8Array): Mark => ({ size: bytes.length, crc32c: extendCrc32c(0, bytes) })

describe('Appending to a file', () => {
  let folder: string
  let handle: FileHandle
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-append-'))
    handle = await open(join(folder, 'file'), 'w')
  })
  afterEach(async () => {
    await handle.close()
    await rm(folder, { recursive: true })
  })
  const written = (): Promise<Buffer> => readFile(join(folder, 'file'))

  for (const length of [1000, 65_536, 65_519, chunkQuantum, 3 * chunkQuantum + 7])
    it(`writes everything that comes in pieces of ${length} bytes`, async () => {
      const bytes = sampleBytes(5 * chunkQuantum + 11)
      assert.deepEqual(await append(handle, none, inPieces(bytes, length)), markOf(bytes))
      assert.ok(bytes.equals(await written()))
    })

  it('writes nothing of nothing', async () => {
    assert.deepEqual(await append(handle, none, inPieces(Buffer.alloc(0), 1)), none)
  })

  it('counts whole quanta only until the file has its size, and goes on there', async () => {
    const bytes = sampleBytes(2 * chunkQuantum + 5)
    const size = bytes.length
    const first = await append(handle, none, inPieces(bytes.subarray(0, chunkQuantum + 9), 1000), { size })
    assert.deepEqual(first, markOf(bytes.subarray(0, chunkQuantum)))
    const rest = inPieces(bytes.subarray(chunkQuantum), 1000)
    assert.deepEqual(await append(handle, first, rest, { size }), markOf(bytes))
    assert.ok(bytes.equals(await written()))
  })

  it('tells what is safe while more comes in, and of the rest at the end, each once', async () => {
    const bytes = sampleBytes(40 * 1024 * 1024)
    const safe: Mark[] = []
    const end = await append(handle, none, inPieces(bytes, 65_536), { onSynced: (mark) => safe.push(mark) })
    assert.deepEqual(
      safe.map(({ size }) => size / 1024 / 1024),
      [16, 32, 40],
    )
    assert.deepEqual(safe.at(-1), end)
  })

  it('keeps the quanta that had come when the body throws', async () => {
    const bytes = sampleBytes(chunkQuantum + 9)
    const safe: Mark[] = []
    const broken = new Error('the connection is gone')
    async function* body(): AsyncGenerator<Uint8Array> {
      yield bytes
      throw broken
    }
    const appended = append(handle, none, body(), {
      size: 2 * bytes.length,
      onSynced: (mark) => safe.push(mark),
    })
    await assert.rejects(appended, (error) => error === broken)
    assert.deepEqual(safe, [markOf(bytes.subarray(0, chunkQuantum))])
  })

  it('takes no more than another 16 MiB once what it tells is refused', async () => {
    const refused = new Error('over')
    let taken = 0
    async function* body(): AsyncGenerator<Uint8Array> {
      for (; taken < 100; taken++) yield Buffer.alloc(1024 * 1024)
    }
    const onSynced = (): never => {
      throw refused
    }
    await assert.rejects(append(handle, none, body(), { onSynced }), (error) => error === refused)
    assert.ok(taken < 40, `${taken} MiB were taken`)
  })
})

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}
