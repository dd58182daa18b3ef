import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buffer } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sampleBytes } from '../../test/conformance/objects/suite.ts'
import { startBuckets, type Buckets } from './testing/buckets.ts'

const mib = 1024 * 1024
const quantum = 256 * 1024
const script = join(import.meta.dirname, 'testing', 'object-child.ts')

describe('Objects on this machine, after kill -9', () => {
  let dataDir: string
  let child: ChildProcess
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tapedeck-crash-'))
  })
  after(() => rm(dataDir, { recursive: true }))

  afterEach(() => kill(child))

  /** Runs `work` on the store that the next process finds. */
  async function reopened(work: (buckets: Buckets) => Promise<void>): Promise<void> {
    const buckets = await startBuckets(dataDir)
    try {
      await work(buckets)
    } finally {
      await buckets.close()
    }
  }

  const files = (): Promise<string[]> => readdir(join(dataDir, 'objects'))

  it('every write that had returned is there, whole, and nothing else', async () => {
    child = start(dataDir, 'write for ever', 2 * mib)
    const said: unknown[] = []
    for await (const line of lines(child)) {
      said.push(line)
      if (said.length === 9) break
    }
    await kill(child)
    await reopened(async ({ objects }) => {
      let found = 0
      for await (const info of objects.list('b', '')) {
        found++
        const bytes = await buffer(await objects.read(info))
        assert.equal(bytes.length, 2 * mib)
        assert.ok(bytes.equals(Buffer.alloc(2 * mib, bytes[0])), `${info.name} is of one write`)
      }
      // 9 writes of 2 each make 5 names; the process may have come further than it said.
      assert.ok(found >= 5)
      assert.equal((await files()).length, found)
      for (const line of said) {
        assert.ok(typeof line === 'object' && line !== null && 'name' in line && 'generation' in line)
        const info = await objects.stat({ bucket: 'b', name: String(line.name) })
        assert.ok(BigInt(info?.generation ?? 0) >= BigInt(String(line.generation)))
      }
      const first = await objects.stat({ bucket: 'b', name: 'written-0' })
      const next = await objects.write({ bucket: 'b', name: 'next' }, nothing(), { contentType: 'x/y' })
      assert.ok(BigInt(next.generation) > BigInt(first?.generation ?? 0))
      for await (const info of objects.list('b', '')) await objects.delete(info)
      assert.deepEqual(await files(), [])
    })
  })

  it('a session goes on after the last chunk that was acknowledged', async () => {
    const bytes = sampleBytes(8 * quantum + 5)
    child = start(dataDir, 'serve a session', bytes.length)
    const url = await firstLine(child)
    const chunk = await fetch(url, {
      method: 'PUT',
      body: new Uint8Array(bytes.subarray(0, 3 * quantum)),
      headers: { 'Content-Range': `bytes 0-${3 * quantum - 1}/${bytes.length}` },
    })
    assert.equal(chunk.status, 308)
    const pending = startPut(url, 3 * quantum, bytes.subarray(3 * quantum), 2 * quantum)
    await fileOfLength(dataDir, 5 * quantum)
    await kill(child)
    await pending
    await reopened(async ({ url: newUrl, objects, finalized }) => {
      const resumed = new URL(new URL(url).search, `${newUrl}/upload/storage/v1/b/b/o`).href
      const asked = await fetch(resumed, { method: 'PUT', headers: { 'Content-Range': 'bytes */*' } })
      assert.equal(asked.headers.get('range'), `bytes=0-${3 * quantum - 1}`)
      const rest = await fetch(resumed, {
        method: 'PUT',
        body: new Uint8Array(bytes.subarray(3 * quantum)),
        headers: { 'Content-Range': `bytes ${3 * quantum}-${bytes.length - 1}/${bytes.length}` },
      })
      assert.equal(rest.status, 200)
      const object = { bucket: 'b', name: 'uploaded' }
      assert.ok(bytes.equals(await buffer(await objects.read(object))))
      assert.equal(finalized.length, 1)
      await objects.delete(object)
      assert.deepEqual(await files(), [])
    })
  })

  it('a large upload in one request has not begun in vain', async () => {
    const size = 64 * mib
    child = start(dataDir, 'serve a session', size)
    const url = await firstLine(child)
    const pending = startPut(url, 0, Buffer.alloc(size, 7), 40 * mib)
    await fileOfLength(dataDir, 40 * mib)
    await kill(child)
    await pending
    await reopened(async ({ url: newUrl }) => {
      const resumed = new URL(new URL(url).search, `${newUrl}/upload/storage/v1/b/b/o`).href
      const asked = await fetch(resumed, { method: 'PUT', headers: { 'Content-Range': `bytes */${size}` } })
      assert.equal(asked.status, 308)
      const stored = Number(asked.headers.get('range')?.split('-')[1]) + 1
      assert.ok(stored >= 8 * mib, `of 40 MiB, ${stored / mib} are left`)
      assert.equal((await fetch(resumed, { method: 'DELETE' })).status, 499)
      assert.deepEqual(await files(), [])
    })
  })
})

describe('Objects on this machine, when it is full', () => {
  let dataDir: string
  let child: ChildProcess
  afterEach(() => kill(child))
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tapedeck-full-'))
  })
  after(() => rm(dataDir, { recursive: true }))

  it('a write says so and leaves nothing', async () => {
    child = start(dataDir, 'write once', 4 * mib, 2 * mib)
    assert.equal(await firstLine(child), JSON.stringify({ code: 'INSUFFICIENT_STORAGE', files: [] }))
  })

  it('a session says so with 507 and keeps what it has', async () => {
    child = start(dataDir, 'serve a session', 4 * mib, 2 * mib)
    const url = await firstLine(child)
    const answer = await fetch(url, { method: 'PUT', body: new Uint8Array(4 * mib) })
    assert.equal(answer.status, 507)
    const asked = await fetch(url, { method: 'PUT', headers: { 'Content-Range': 'bytes */*' } })
    assert.equal(asked.status, 308)
    const stored = Number(asked.headers.get('range')?.split('-')[1]) + 1
    assert.equal(stored % quantum, 0)
    assert.ok(stored >= 2 * mib - quantum && stored <= 2 * mib, `${stored} bytes are stored`)
  })
})

/** Starts the script; `fileLimit` is the longest file that its system lets it have, in bytes. */
function start(dataDir: string, task: string, bytes: number, fileLimit?: number): ChildProcess {
  const command = [process.execPath, script, dataDir, task, String(bytes)]
  const limited = ['sh', '-c', `ulimit -f ${(fileLimit ?? 0) / 512}; exec "$@"`, 'sh', ...command]
  const [file = '', ...rest] = fileLimit === undefined ? command : limited
  return spawn(file, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

async function* lines(child: ChildProcess): AsyncGenerator {
  assert.ok(child.stdout)
  for await (const line of createInterface(child.stdout)) yield JSON.parse(line)
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of lines(child)) return typeof line === 'string' ? line : JSON.stringify(line)
  throw new Error('The process ended without a word.')
}

/** Begins a PUT of `bytes` from `first` on but sends only the first `sent` of them; resolves when the server is gone. */
function startPut(url: string, first: number, bytes: Buffer, sent: number): Promise<void> {
  return new Promise((resolve) => {
    const end = first + bytes.length
    const sending = request(url, {
      method: 'PUT',
      headers: { 'Content-Length': bytes.length, 'Content-Range': `bytes ${first}-${end - 1}/${end}` },
    })
    sending.on('error', () => resolve())
    sending.write(bytes.subarray(0, sent))
  })
}

/** Waits until one of the stored files has that length. */
async function fileOfLength(dataDir: string, length: number): Promise<void> {
  const folder = join(dataDir, 'objects')
  for (;;) {
    const names = await readdir(folder)
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size))
    if (sizes.some((size) => size >= length)) return
    await sleep(5)
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
