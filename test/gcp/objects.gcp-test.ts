import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { Storage } from '@google-cloud/storage'
import { openObjects } from '../../platform/gcp/objects.ts'
import type { ObjectStore } from '../../platform/ports.ts'
import { objectStoreConformance } from '../conformance/objects/index.ts'
import { emulator, projectId, skipWithout } from './emulators.ts'

describe('Cloud Storage', { skip: skipWithout('fake-gcs-server') }, () => {
  objectStoreConformance(
    'fake-gcs-server',
    async () => ({ ...(await open()), close: async () => undefined }),
    {
      'storage classes': 'fake-gcs-server rewrites without looking at storageClass',
      'compose preconditions': 'fake-gcs-server composes whatever ifGenerationMatch says',
      'compose of missing parts': 'fake-gcs-server answers 500',
      'chunked sessions': 'fake-gcs-server finishes a session that is asked where it stands',
      'cancelled sessions': 'fake-gcs-server takes bytes after a DELETE',
      'cross-origin sessions': 'fake-gcs-server allows every origin, whatever the session was opened with',
      'signed URLs': 'fake-gcs-server serves them whatever their signature says',
    },
  )
})

describe('Cloud Storage, what the suite leaves out here', { skip: skipWithout('fake-gcs-server') }, () => {
  it('serves ranges of an object by its signed URL, and 404 where there is none', async () => {
    const { store, bucket } = await open()
    const object = { bucket, name: 'jobs/ü & co?.mp3' }
    const { url } = await store.signedUrl(object, { expiresInSeconds: 600, filename: 'a.mp3' })
    assert.equal((await fetch(url)).status, 404)
    await store.write(object, Readable.from([Buffer.from('0123456789')]), { contentType: 'audio/mpeg' })
    const response = await fetch(url, { headers: { Range: 'bytes=2-4' } })
    assert.equal(response.status, 206)
    assert.equal(response.headers.get('content-type'), 'audio/mpeg')
    assert.equal(await response.text(), '234')
  })

  it('takes an upload in chunks', async () => {
    const { store, bucket } = await open()
    const object = { bucket, name: 'chunks' }
    const size = 256 * 1024 + 3
    const url = await store.createUploadSession(object, { contentType: 'video/mp4', size })
    const put = (from: number, to: number): Promise<Response> =>
      fetch(url, {
        method: 'PUT',
        headers: { 'Content-Range': `bytes ${from}-${to}/${size}` },
        body: Buffer.alloc(to - from + 1, 7),
      })
    assert.equal((await put(0, 256 * 1024 - 1)).status, 308)
    assert.equal((await put(256 * 1024, size - 1)).status, 200)
    const info = await store.stat(object)
    assert.equal(info?.size, size)
    assert.equal(info?.contentType, 'video/mp4')
  })

  it('writes and reads 256 MiB in little memory', async () => {
    const { store, bucket } = await open()
    const object = { bucket, name: 'large' }
    const mib = Buffer.alloc(1024 * 1024, 7)
    let most = 0
    async function* large(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 256; count++) {
        most = Math.max(most, process.memoryUsage.rss())
        yield mib
      }
    }
    const atFirst = process.memoryUsage.rss()
    const { size } = await store.write(object, large(), { contentType: 'video/mp4' })
    assert.equal(size, 256 * mib.length)
    let read = 0
    for await (const chunk of await store.read(object)) {
      most = Math.max(most, process.memoryUsage.rss())
      read += (chunk as Buffer).length
    }
    assert.equal(read, size)
    assert.ok(most - atFirst < 128 * mib.length, `grew by ${Math.round((most - atFirst) / mib.length)} MiB`)
  })
})

/** The emulator with an empty bucket, and a key for signing that nobody else has. */
async function open(): Promise<{ store: ObjectStore; bucket: string }> {
  const host = await emulator('fake-gcs-server')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const storage = new Storage({
    projectId,
    apiEndpoint: `http://${host}`,
    credentials: {
      client_email: 'signer@example.com',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  })
  // Where STORAGE_EMULATOR_HOST is set, the client forgets the path that every server expects behind it.
  storage.baseUrl = `${storage.apiEndpoint}/storage/v1`
  const bucket = `bucket-${randomUUID()}`
  await storage.createBucket(bucket)
  return { store: openObjects(storage), bucket }
}
