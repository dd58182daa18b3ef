import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { DocumentReference, Firestore } from '@google-cloud/firestore'
import { PubSub } from '@google-cloud/pubsub'
import { Storage } from '@google-cloud/storage'
import type { MessageBus, ObjectStore, RecordStore } from '../ports.ts'
import { openBus } from './bus.ts'
import { openObjects } from './objects.ts'
import { openRecords } from './records.ts'
import { errorBody, refuseByGrpc, serve, type ErrorInfo, type FakeServer } from './testing.ts'

const object = { bucket: 'tapedeck-source', name: 'a' }
const resource = { name: 'a', generation: '1', size: '1', timeCreated: '2026-01-01T00:00:00.000Z' }
const contentType = 'video/mp4'

/** Every request to a store but delete, by its name. */
const requests: Record<string, (store: ObjectStore) => Promise<unknown>> = {
  stat: (store) => store.stat(object),
  read: (store) => store.read(object),
  compose: (store) => store.compose(object, ['part'], { contentType }),
  rewrite: (store) => store.rewrite(object, { storageClass: 'NEARLINE' }),
  write: (store) => store.write(object, bytes(), { contentType }),
  list: (store) => Array.fromAsync(store.list(object.bucket, '')),
  createUploadSession: (store) => store.createUploadSession(object, { contentType, size: 1 }),
}

describe('What Cloud Storage refuses', () => {
  let server: FakeServer
  let store: ObjectStore
  let asked: string[]
  /** What is answered: the status, and what is said of it. */
  let answer: (request: IncomingMessage) => [status: number, words: string]

  const isList = ({ method, url }: IncomingMessage): boolean => method === 'GET' && /\/o\?/.test(url ?? '')

  beforeEach(async () => {
    asked = []
    server = await serve(async (request, response) => {
      const [status, words] = answer(request)
      asked.push(`${request.method} ${request.url}`)
      // A download's error is text.
      const isDownload = /alt=media/.test(request.url ?? '')
      const body = status === 200 ? resource : errorBody(status, words)
      response.setHeader('Content-Type', isDownload ? 'text/html' : 'application/json')
      response.writeHead(status)
      request.resume()
      await once(request, 'end')
      response.end(isDownload ? words : JSON.stringify(body))
    })
    const retryOptions = { autoRetry: false }
    store = openObjects(
      new Storage({ projectId: 'test', apiEndpoint: `http://${server.host}`, retryOptions }),
    )
  })
  afterEach(() => server.close())

  const noBucket =
    'There is no bucket tapedeck-source. Run `terraform apply`, which makes it, or set SOURCE_BUCKET or TARGET_BUCKET to a bucket that exists.'

  for (const words of [
    'The specified bucket does not exist.',
    'No such object: tapedeck-source/a',
    'Not Found',
  ]) {
    for (const [name, request] of Object.entries(requests)) {
      it(`because there is no bucket, is no missing object for ${name}, even where it says "${words}"`, async () => {
        answer = () => [404, words]
        await assert.rejects(request(store), { name: 'DeploymentError', message: noBucket })
      })
    }
  }

  it('because there is no bucket, is no error when something is deleted: it is gone', async () => {
    answer = () => [404, 'The specified bucket does not exist.']
    await store.delete(object)
  })

  it('because there is no object, is NOT_FOUND; the bucket is looked for once', async () => {
    answer = (request) => (isList(request) ? [200, ''] : [404, 'Not Found'])
    assert.equal(await store.stat(object), undefined)
    for (const name of ['read', 'compose', 'rewrite'])
      await assert.rejects(requests[name]?.(store) ?? assert.fail(), {
        name: 'StoreError',
        code: 'NOT_FOUND',
      })
    await store.delete(object)
    assert.deepEqual(
      asked.filter((line) => line.includes('/o?')),
      ['GET /storage/v1/b/tapedeck-source/o?maxResults=1'],
    )
  })

  it('is no missing object as long as the bucket cannot be looked for', async () => {
    answer = (request) => (isList(request) ? [503, 'busy'] : [404, 'Not Found'])
    await assert.rejects(store.stat(object), { message: 'busy' })
    await assert.rejects(store.read(object), { message: 'busy' })
  })

  const denied =
    "transcode@my-project.iam.gserviceaccount.com does not have storage.objects.get access to the Google Cloud Storage object. Permission 'storage.objects.get' denied on resource (or it may not exist)."
  const lacking =
    'transcode@my-project.iam.gserviceaccount.com lacks the permission storage.objects.get on the bucket tapedeck-source, unless there is no such bucket. Run `terraform apply`, which grants what each function needs there.'

  for (const [name, request] of Object.entries({
    ...requests,
    delete: (to: ObjectStore) => to.delete(object),
  })) {
    it(`because a right is missing, is told by ${name}`, async () => {
      answer = () => [403, denied]
      await assert.rejects(request(store), { name: 'DeploymentError', message: lacking })
    })
  }
})

it('What Cloud Storage refuses before it has read everything is told all the same, and no more is sent', async (t) => {
  const server = await serve(async (_request, response) => {
    response.writeHead(404, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(errorBody(404, 'The specified bucket does not exist.')))
  })
  t.after(() => server.close())
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  async function* endless(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(1 << 16)
    } finally {
      resolve()
    }
  }
  const store = openObjects(new Storage({ projectId: 'test', apiEndpoint: `http://${server.host}` }))
  await assert.rejects(store.write(object, endless(), { contentType }), { name: 'DeploymentError' })
  await ended
})

describe('What Firestore refuses', { concurrency: true }, () => {
  const things = { name: 'things' }
  const offInfo = {
    reason: 'SERVICE_DISABLED',
    metadata: { service: 'firestore.googleapis.com', consumer: 'projects/my-project' },
  }
  const apiIsOff =
    'The API firestore.googleapis.com is not enabled in the project my-project. Run `gcloud services enable firestore.googleapis.com --project=my-project`, and wait a few minutes.'

  async function refused(
    [code, words, info]: [code: number, words: string, info?: ErrorInfo],
    request: (records: RecordStore) => Promise<unknown>,
    message: string,
  ): Promise<void> {
    const server = await refuseByGrpc(code, words, info)
    const firestore = new Firestore({ projectId: 'p', host: server.host, ssl: false, databaseId: 'tapedeck' })
    try {
      await assert.rejects(request(openRecords(firestore)), { name: 'DeploymentError', message })
    } finally {
      await firestore.terminate()
      server.close()
    }
  }

  it('because its API is off, is told by get', () =>
    refused([7, 'it is disabled', offInfo], (records) => records.get(things, 'a'), apiIsOff))

  it('because its API is off, is told by transact', () =>
    refused(
      [7, 'it is disabled', offInfo],
      (records) => records.transact(async (tx) => tx.get(things, 'a')),
      apiIsOff,
    ))

  it('because an index is missing, is told by query', () =>
    refused(
      [9, 'The query requires an index. You can create it here: https://console.firebase.google.com/'],
      (records) =>
        records.query({ collection: things, orderBy: { field: 'at', direction: 'asc' }, limit: 1 }),
      'The Firestore database tapedeck lacks an index that a query needs. Run `terraform apply`, which makes those of lib/indexes.ts.',
    ))

  it('because there is no database, is told by watch, although the client has lost why it was refused', (t) => {
    // What the client reports after a minute and a half of trying.
    t.mock.method(
      DocumentReference.prototype,
      'onSnapshot',
      (_onNext: unknown, onError: (error: Error) => void) => {
        queueMicrotask(() => onError(new Error('Exceeded maximum number of retries allowed.')))
        return () => undefined
      },
    )
    return refused(
      [5, 'The database tapedeck does not exist for project my-project Please visit the console.'],
      (records) =>
        new Promise((_, reject) => records.watch({ collection: things, id: 'a' }, () => {}, reject)),
      'There is no Firestore database tapedeck in the project my-project. Run `terraform apply`, which makes it, or set FIRESTORE_DATABASE to one that exists.',
    )
  })
})

describe('What Pub/Sub refuses', () => {
  async function refused(code: number, words: string, message: string): Promise<void> {
    const server = await refuseByGrpc(code, words)
    const pubsub = new PubSub({ projectId: 'my-project', apiEndpoint: server.host, emulatorMode: true })
    const bus: MessageBus = openBus(pubsub)
    await assert.rejects(bus.publish('work', {}), { name: 'DeploymentError', message })
    await pubsub.close()
    server.close()
  }

  it('because a right is missing, is told', () =>
    refused(
      7,
      'User not authorized to perform this action.',
      'Google refuses this function the Pub/Sub topic work in the project my-project: "User not authorized to perform this action". If it is a right that is missing, run `terraform apply`, which grants roles/pubsub.publisher.',
    ))

  it('because there is no topic, is told', () =>
    refused(
      5,
      'Resource not found (resource=work).',
      'There is no Pub/Sub topic work in the project my-project. Run `terraform apply`, which makes it, or set GOOGLE_CLOUD_PROJECT to the id of the project that has it.',
    ))
})

async function* bytes(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x')
}
