import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { after, afterEach, before, describe, it } from 'node:test'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { Storage } from '@google-cloud/storage'
import { sampleBytes } from '../../test/conformance/objects/suite.ts'
import { startBuckets, type Buckets } from './testing/buckets.ts'

const quantum = 256 * 1024
const bucket = 'source'

/** The oracle of the resumable protocol: Google's own client, with its checksum validation on, must be content. */
describe("Google's own resumable client", () => {
  let buckets: Buckets
  let proxy: CuttingProxy
  const setBefore = process.env['METADATA_SERVER_DETECTION']
  before(async () => {
    // Keeps the client from looking for Google's metadata server.
    process.env['METADATA_SERVER_DETECTION'] = 'none'
    buckets = await startBuckets()
    proxy = await startCuttingProxy(Number(new URL(buckets.url).port))
  })
  after(async () => {
    if (setBefore === undefined) delete process.env['METADATA_SERVER_DETECTION']
    else process.env['METADATA_SERVER_DETECTION'] = setBefore
    await proxy.close()
    await buckets.close()
  })
  afterEach(() => proxy.cutAfter([]))

  async function upload(
    bytes: Buffer,
    options: { name: string; chunkSize?: number; uri?: string },
  ): Promise<string> {
    const { name, chunkSize } = options
    const uri =
      options.uri ??
      (await buckets.objects.createUploadSession(
        { bucket, name },
        { contentType: 'video/mp4', size: bytes.length },
      ))
    const throughProxy = uri.replace(buckets.url, proxy.url)
    const storage = new Storage({
      apiEndpoint: proxy.url,
      projectId: 'none',
      // The default waits whole seconds between two attempts.
      retryOptions: { maxRetryDelay: 0.01, maxRetries: 8 },
    })
    const stream = storage
      .bucket(bucket)
      .file(name)
      .createWriteStream({
        uri: throughProxy,
        resumable: true,
        validation: 'crc32c',
        // Without a precondition the client does not retry.
        preconditionOpts: { ifGenerationMatch: 0 },
        ...(chunkSize !== undefined && { chunkSize }),
      })
    await pipeline(Readable.from(pieces(bytes)), stream)
    return uri
  }

  async function stored(name: string): Promise<Buffer> {
    return buffer(await buckets.objects.read({ bucket, name }))
  }

  it('uploads in one request', async () => {
    const bytes = sampleBytes(3 * 1024 * 1024 + 11)
    await upload(bytes, { name: 'one' })
    assert.ok(bytes.equals(await stored('one')))
  })

  it('uploads in chunks', async () => {
    const bytes = sampleBytes(5 * quantum + 11)
    await upload(bytes, { name: 'chunks', chunkSize: 2 * quantum })
    assert.ok(bytes.equals(await stored('chunks')))
  })

  it('uploads in chunks when the last one is full', async () => {
    const bytes = sampleBytes(4 * quantum)
    await upload(bytes, { name: 'full chunks', chunkSize: 2 * quantum })
    assert.ok(bytes.equals(await stored('full chunks')))
  })

  for (const chunkSize of [undefined, quantum])
    it(`uploads nothing at all${chunkSize === undefined ? '' : ' in chunks'}`, async () => {
      const name = `empty ${chunkSize}`
      await upload(Buffer.alloc(0), { name, ...(chunkSize !== undefined && { chunkSize }) })
      assert.equal((await stored(name)).length, 0)
    })

  it('goes on by itself when connections are cut within chunks', async () => {
    const bytes = sampleBytes(12 * quantum + 11)
    proxy.cutAfter([3 * quantum, 1000, 2 * quantum + 7, quantum])
    await upload(bytes, { name: 'cut', chunkSize: 4 * quantum })
    assert.equal(proxy.cuts(), 4)
    assert.ok(bytes.equals(await stored('cut')))
  })

  it('goes on with a new stream when the one request was cut', async () => {
    const bytes = sampleBytes(20 * quantum + 11)
    const name = 'cut in one'
    const uri = await buckets.objects.createUploadSession(
      { bucket, name },
      { contentType: 'video/mp4', size: bytes.length },
    )
    proxy.cutAfter([9 * quantum])
    await assert.rejects(upload(bytes, { name, uri }))
    assert.equal(proxy.cuts(), 1)
    await upload(bytes, { name, uri })
    assert.ok(bytes.equals(await stored(name)))
  })

  it('finds a finished upload finished', async () => {
    const bytes = sampleBytes(quantum)
    const uri = await upload(bytes, { name: 'twice' })
    const info = await buckets.objects.stat({ bucket, name: 'twice' })
    const asked = await fetch(uri, { method: 'PUT', headers: { 'Content-Range': 'bytes */*' } })
    assert.equal(asked.status, 200)
    assert.deepEqual(await buckets.objects.stat({ bucket, name: 'twice' }), info)
  })
})

function* pieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 50_000) yield bytes.subarray(at, at + 50_000)
}

interface CuttingProxy {
  url: string
  /** Breaks a connection once so many bytes have come from the client, then another after the next so many. */
  cutAfter: (bytes: number[]) => void
  /** How many have been broken since. */
  cuts: () => number
  close: () => Promise<void>
}

async function startCuttingProxy(port: number): Promise<CuttingProxy> {
  let planned: number[] = []
  let cuts = 0
  let passed = 0
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1')
    clients.add(client)
    client.on('data', (data: Buffer) => {
      passed += data.length
      const surplus = passed - (planned[0] ?? Infinity)
      if (surplus < 0) {
        if (!upstream.write(data)) client.pause()
        return
      }
      planned.shift()
      passed = 0
      cuts++
      // The server gets what was let through, then the end; the client gets an error.
      upstream.end(data.subarray(0, data.length - surplus))
      client.resetAndDestroy()
    })
    upstream.on('drain', () => client.resume())
    upstream.pipe(client)
    client.on('error', () => undefined)
    upstream.on('error', () => undefined)
    client.on('close', () => {
      clients.delete(client)
      upstream.end()
    })
    upstream.on('close', () => client.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    url: `http://127.0.0.1:${address.port}`,
    cutAfter(bytes) {
      planned = [...bytes]
      cuts = 0
      passed = 0
    },
    cuts: () => cuts,
    async close() {
      server.close()
      for (const client of clients) client.destroy()
      await once(server, 'close')
    },
  }
}
