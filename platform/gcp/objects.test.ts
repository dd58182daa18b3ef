import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { Storage } from '@google-cloud/storage'
import { openObjects } from './objects.ts'
import type { ObjectStore } from '../ports.ts'

interface Asked {
  method: string | undefined
  path: string
  query: Record<string, string>
  headers: IncomingHttpHeaders
  body: string
}

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const resource = {
  name: 'whole.mp3',
  generation: '1700000000000001',
  size: '9',
  contentType: 'audio/mpeg',
  storageClass: 'STANDARD',
  crc32c: '4waSgw==',
  metadata: { attempt: '1' },
  timeCreated: '2026-01-01T00:00:00.000Z',
}

describe('What Cloud Storage is asked', () => {
  let server: Server
  let store: ObjectStore
  let asked: Asked[]
  let url: string
  let answer: RequestListener

  beforeEach(async () => {
    asked = []
    answer = (_request, response) => {
      response.setHeader('Content-Type', 'application/json')
      response.setHeader('Location', 'https://storage.example/session')
      response.end(JSON.stringify(resource))
    }
    async function note(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://server')
      const { method, headers } = request
      const body = await text(request)
      asked.push({ method, path: pathname, query: Object.fromEntries(searchParams), headers, body })
      answer(request, response)
    }
    server = createServer((request, response) => {
      // A request that breaks off is not noted.
      note(request, response).catch(() => undefined)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    url = `http://127.0.0.1:${port}`
    const storage = new Storage({
      projectId: 'test',
      apiEndpoint: url,
      credentials: {
        client_email: 'signer@example.com',
        private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      },
      retryOptions: { autoRetry: false },
    })
    store = openObjects(storage)
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  it('to open a session: create only, exactly this long, of this type, for this origin', async () => {
    const url = await store.createUploadSession(
      { bucket: 'source', name: 'a b.mp4' },
      { contentType: 'video/mp4', metadata: { owner: 'me' }, size: 300, origin: 'https://page.example' },
    )
    assert.equal(url, 'https://storage.example/session')
    const [request, ...others] = asked
    assert.ok(request)
    assert.deepEqual(others, [])
    assert.equal(`${request.method} ${request.path}`, 'POST /upload/storage/v1/b/source/o')
    const { uploadType, name, ifGenerationMatch } = request.query
    assert.deepEqual(
      { uploadType, name, ifGenerationMatch },
      { uploadType: 'resumable', name: 'a b.mp4', ifGenerationMatch: '0' },
    )
    assert.equal(request.headers['x-upload-content-length'], '300')
    assert.equal(request.headers.origin, 'https://page.example')
    assert.deepEqual(JSON.parse(request.body), { contentType: 'video/mp4', metadata: { owner: 'me' } })
  })

  it('to open a session for an empty object: its length too', async () => {
    await store.createUploadSession({ bucket: 'source', name: 'a' }, { contentType: 'video/mp4', size: 0 })
    assert.equal(asked[0]?.headers['x-upload-content-length'], '0')
    assert.equal(asked[0]?.headers.origin, undefined)
  })

  it('to cancel a session: just that, and one that is over is as good', async () => {
    for (const status of [499, 404, 410]) {
      answer = (_request, response) => response.writeHead(status).end()
      await store.cancelUploadSession(`${url}/upload/storage/v1/b/source/o?upload_id=abc`)
    }
    assert.equal(asked.length, 3)
    const [{ method, query, headers } = assert.fail()] = asked
    assert.equal(method, 'DELETE')
    assert.deepEqual(query, { upload_id: 'abc' })
    assert.equal(headers.authorization, undefined)
    assert.equal(headers['content-length'], '0')
    for (const status of [408, 411, 429, 503]) {
      answer = (_request, response) => response.writeHead(status).end()
      await assert.rejects(
        store.cancelUploadSession(`${url}/o?upload_id=abc`),
        new RegExp(`answered ${status}`),
      )
    }
  })

  it('to compose: everything in one request', async () => {
    const info = await store.compose({ bucket: 'target', name: 'whole.mp3' }, ['head', 'body/1'], {
      contentType: 'audio/mpeg',
      metadata: { attempt: '1' },
      ifGenerationMatch: '1700000000000000',
    })
    assert.equal(info.generation, '1700000000000001')
    assert.deepEqual(info.metadata, { attempt: '1' })
    const [request, ...others] = asked
    assert.ok(request)
    assert.deepEqual(others, [])
    assert.equal(`${request.method} ${request.path}`, 'POST /storage/v1/b/target/o/whole.mp3/compose')
    assert.equal(request.query['ifGenerationMatch'], '1700000000000000')
    assert.deepEqual(JSON.parse(request.body), {
      destination: { contentType: 'audio/mpeg', metadata: { attempt: '1' } },
      sourceObjects: [{ name: 'head' }, { name: 'body/1' }],
    })
  })

  for (const parts of [0, 33]) {
    it(`to compose ${parts} parts: nothing`, async () => {
      const composing = store.compose({ bucket: 'target', name: 'a' }, Array<string>(parts).fill('part'), {
        contentType: 'audio/mpeg',
      })
      await assert.rejects(composing, RangeError)
      assert.deepEqual(asked, [])
    })
  }

  it('to rewrite: what was said goes along, only this generation is replaced, and its token carries on', async () => {
    const described = { ...resource, contentDisposition: 'attachment', cacheControl: 'no-store' }
    const answers = [
      described,
      { done: false, rewriteToken: 'half' },
      { done: true, resource: { ...described, generation: '1700000000000002', storageClass: 'COLDLINE' } },
    ]
    answer = (_request, response) => {
      response.setHeader('Content-Type', 'application/json')
      response.end(JSON.stringify(answers.shift()))
    }
    const object = { bucket: 'target', name: 'jobs/a b.mp3' }
    const options = { storageClass: 'COLDLINE', ifGenerationMatch: resource.generation } as const
    const info = await store.rewrite(object, options)
    assert.deepEqual([info.generation, info.storageClass], ['1700000000000002', 'COLDLINE'])
    assert.deepEqual(info.metadata, { attempt: '1' })
    const [, first, second] = asked
    assert.ok(first && second)
    const path = '/storage/v1/b/target/o/jobs%2Fa%20b.mp3'
    assert.equal(`${first.method} ${first.path}`, `POST ${path}/rewriteTo/b/target/o/jobs%2Fa%20b.mp3`)
    const { generation } = resource
    assert.equal(first.query['sourceGeneration'], generation)
    assert.equal(first.query['ifGenerationMatch'], generation)
    assert.equal(first.query['rewriteToken'], undefined)
    assert.equal(second.query['rewriteToken'], 'half')
    assert.deepEqual(JSON.parse(first.body), {
      contentType: 'audio/mpeg',
      contentDisposition: 'attachment',
      cacheControl: 'no-store',
      metadata: { attempt: '1' },
      storageClass: 'COLDLINE',
    })
    assert.equal(second.body, first.body)
  })

  it('to rewrite another generation than there is: nothing', async () => {
    const options = { storageClass: 'COLDLINE', ifGenerationMatch: '1' } as const
    const rewriting = store.rewrite({ bucket: 'target', name: 'whole.mp3' }, options)
    await assert.rejects(rewriting, { name: 'StoreError', code: 'PRECONDITION_FAILED' })
    assert.deepEqual(
      asked.map(({ method }) => method),
      ['GET'],
    )
  })

  it('turns its 412 into PRECONDITION_FAILED, for compose, rewrite, write and read', async () => {
    answer = (_request, response) => {
      response.writeHead(412, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ error: { code: 412, message: 'no' } }))
    }
    const object = { bucket: 'target', name: 'a' }
    const options = { contentType: 'audio/mpeg' }
    const refused = { name: 'StoreError', code: 'PRECONDITION_FAILED' }
    await assert.rejects(store.compose(object, ['part'], options), refused)
    await assert.rejects(store.rewrite(object, { storageClass: 'NEARLINE' }), refused)
    await assert.rejects(store.write(object, bytes('abc'), options), refused)
    await assert.rejects(store.read(object), refused)
  })

  it('passes on its other errors as faults', async () => {
    answer = (_request, response) => void response.writeHead(503).end('busy')
    const object = { bucket: 'target', name: 'a' }
    const isFault = (error: unknown): boolean => error instanceof Error && error.name !== 'StoreError'
    await assert.rejects(store.stat(object), isFault)
    await assert.rejects(store.read(object), isFault)
    await assert.rejects(store.write(object, bytes('abc'), { contentType: 'audio/mpeg' }), isFault)
  })

  it('to write: breaks off when the body fails, so that no request is left waiting', async () => {
    const writing = store.write({ bucket: 'target', name: 'a' }, failing(), { contentType: 'audio/mpeg' })
    await assert.rejects(writing, /the sender has gone/)
    while ((await connections(server)) > 0) await delay(10)
    assert.deepEqual(asked, [])
  })

  it('by a signed URL: to serve as an attachment, until then, signed by its own account', async () => {
    const before = Date.now()
    const { url, expiresAt } = await store.signedUrl(
      { bucket: 'target', name: 'jobs/ü?.mp3' },
      { expiresInSeconds: 600, filename: 'Ein Lied.mp3' },
    )
    const { pathname, searchParams } = new URL(url)
    assert.equal(decodeURIComponent(pathname), '/target/jobs/ü?.mp3')
    assert.equal(searchParams.get('X-Goog-Algorithm'), 'GOOG4-RSA-SHA256')
    assert.match(searchParams.get('X-Goog-Credential') ?? '', /^signer@example\.com\//)
    assert.match(searchParams.get('X-Goog-Expires') ?? '', /^(599|600)$/)
    assert.equal(searchParams.get('response-content-disposition'), 'attachment; filename="Ein Lied.mp3"')
    assert.ok(expiresAt.getTime() > before + 598_000 && expiresAt.getTime() <= Date.now() + 600_000)
  })

  for (const name of ['a/../b', '../b', 'a/.', './a']) {
    it(`under its whole name about ${name}, but by no URL, which would lead elsewhere`, async () => {
      const object = { bucket: 'target', name }
      await store.stat(object)
      await (await store.read(object)).toArray()
      await store.delete(object)
      const path = `/storage/v1/b/target/o/${encodeURIComponent(name)}`
      assert.deepEqual(
        asked.map((request) => request.path),
        [path, path, path],
      )
      const signing = store.signedUrl(object, { expiresInSeconds: 600, filename: 'a.mp3' })
      await assert.rejects(signing, { name: 'RangeError', message: /copy the object to another name/ })
    })
  }

  for (const name of ['', 'n'.repeat(1025), '.', '..', 'a\nb']) {
    it(`nothing about an object called ${JSON.stringify(name.slice(0, 9))}`, async () => {
      const object = { bucket: 'target', name }
      const options = { contentType: 'video/mp4' }
      await assert.rejects(store.stat(object), RangeError)
      await assert.rejects(store.read(object), RangeError)
      await assert.rejects(store.write(object, bytes('x'), options), RangeError)
      await assert.rejects(store.compose(object, ['part'], options), RangeError)
      await assert.rejects(store.createUploadSession(object, { ...options, size: 1 }), RangeError)
      assert.deepEqual(asked, [])
    })
  }
})

const connections = (server: Server): Promise<number> =>
  new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )

async function* bytes(content: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(content)
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.alloc(1 << 20)
  throw new Error('the sender has gone')
}
