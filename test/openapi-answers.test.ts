import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import {
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWK,
} from 'jose'
import { tokenAlgorithm, tokenIssuer } from '../lib/users.ts'
import { Client, type JobView } from './client.ts'
import { makeVideo } from './media.ts'
import { isProblem, readOpenApi, type Answer, type Operation } from './openapi-document.ts'
import { startServer, type TestServer } from './server.ts'

const api = await readOpenApi()
const nobodysId = '01a1fac4-0904-7084-9dfd-f61097709add'

/** Every answer that openapi.yaml promises, with its name: operation, status, and the problem's code or the media type. */
const promised = api.answers
  .filter(({ status }) => status !== 'default')
  .flatMap((answer) => {
    const kinds = isProblem(answer) ? Object.keys(answer.examples) : [answer.mediaType]
    return kinds.map((kind) => ({
      answer,
      kind,
      name: [answer.operation.id, answer.status, kind].filter((part) => part !== undefined).join(' '),
    }))
  })

describe('The server answers as openapi.yaml says:', { timeout: 60_000 }, () => {
  let server: TestServer
  let forgetful: TestServer
  let client: Client
  let signingKey: CryptoKey
  let avi: Buffer<ArrayBuffer>
  /** Has an MP3 of 8 MiB at most, and an MP4. */
  let small: JobView
  /** Has a larger MP3, and no MP4. */
  let large: JobView
  let failed: JobView
  /** Its bytes never come. */
  let waiting: JobView
  /** Of an account that is no administrator's. */
  let userToken: string
  /** Has failed, and its video is gone. */
  let sourceless: JobView

  before(async () => {
    const { privateKey } = await generateKeyPair(tokenAlgorithm, { extractable: true })
    signingKey = privateKey
    const SIGNING_KEY = await exportPKCS8(privateKey)
    server = await startServer({ env: { SIGNING_KEY, CLOUD_LIKE: '1' } })
    forgetful = await startServer({ env: { SOURCE_DAYS: '0.000001', SWEEP_SECONDS: '0.1' } })
    client = new Client(server)
    userToken = await signInAsNew(client)
    ;({ job: waiting } = await client.json<{ job: JobView }>('/upload/sessions', session({}), 201))
    avi = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
    small = await client.completed((await client.upload({ filename: 'small.avi', bytes: avi })).id)
    // Its MP3 is taken over bit by bit, which is quick.
    const audio = ['libmp3lame', '-b:a', '320k']
    const video = ['mpeg4', '-r', '1']
    const mkv = await makeVideo({ format: ['matroska'], audio, video, seconds: 215, silent: true })
    large = await client.completed((await client.uploadBySession({ filename: 'large.mkv', bytes: mkv })).id)
    const notes = { filename: 'notes.txt', bytes: Buffer.from('This is not a video.') }
    failed = await client.failed((await client.upload(notes)).id)
    const elsewhere = new Client(forgetful)
    sourceless = await elsewhere.upload(notes)
    while (!sourceless.source.gone) sourceless = await elsewhere.job(sourceless.id)
  })
  after(() => Promise.all([server.stop(), forgetful.stop()]))

  type Ask = () => Promise<Response>
  const get =
    (path: () => string, init: RequestInit = {}): Ask =>
    () =>
      client.fetch(path(), init)
  const send = (path: string, body: string | FormData, type?: string): Ask =>
    get(() => path, { method: 'POST', body, headers: type === undefined ? {} : { 'content-type': type } })
  const upload = (...parts: [name: string, value: string | Blob][]): Ask => send('/upload', formOf(parts))
  const logIn =
    (password: () => string): Ask =>
    () => {
      const authorization = basic(server.email, password())
      return client.fetch('/auth/login', { method: 'POST', headers: { authorization } })
    }
  const sendJson = (method: string, path: string, body: string): Ask =>
    get(() => path, { method, body, headers: { 'content-type': 'application/json' } })
  const createAccount = (fields: Record<string, string>): Promise<Response> =>
    sendJson('POST', '/auth/users', JSON.stringify({ ...newAccount(), ...fields }))()
  const changeNotifications = (fields: Record<string, unknown>): Promise<Response> =>
    sendJson('PUT', '/auth/me/notifications', JSON.stringify(fields))()
  const testNotification = (fields: Record<string, unknown>): Promise<Response> =>
    sendJson('POST', '/auth/me/notifications/test', JSON.stringify(fields))()
  const changePassword = (fields: Record<string, string>, token = userToken): Promise<Response> => {
    const body = JSON.stringify({ currentPassword: userPassword, newPassword: 'battery staple', ...fields })
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
    return client.fetch('/auth/me/password', { method: 'PUT', body, headers })
  }
  /** A user who has these limits. */
  const limited = async (quota: Record<string, number>): Promise<Client> =>
    new Client({ apiUrl: server.apiUrl, token: await signInAsNew(client, quota) })
  /** A user who has as many jobs as they may have. */
  async function busy(): Promise<Client> {
    const user = await limited({ jobs: 1 })
    await user.json('/upload/sessions', session({}), 201)
    return user
  }
  const sendSmallForm = (user: Client): Promise<Response> =>
    user.fetch('/upload', { method: 'POST', body: formOf([['file', file]]) })
  const file = new Blob(['bytes'], { type: 'video/mp4' })
  const play =
    (range: string | undefined): Ask =>
    async () => {
      const { token } = await streamToken(client, small.id)
      return client.fetch(`/download/${small.id}/stream?token=${token}`, range ? { headers: { range } } : {})
    }

  /** How to get each answer: by operation, status, and the problem's code or the media type. */
  const asked: Record<string, Ask> = {
    'logIn 200 application/json': logIn(() => server.password),
    'logIn 401 BAD_CREDENTIALS': logIn(() => 'wrong'),
    'logIn 429 TOO_MANY_REQUESTS': untilRefused(() =>
      client.fetch('/auth/login', {
        method: 'POST',
        headers: { authorization: basic('guessed@example.com') },
      }),
    ),
    'getKeySet 200 application/json': get(() => '/auth/jwks.json'),
    'getMe 200 application/json': get(() => '/auth/me'),

    'changePassword 200 application/json': async () => changePassword({}, await signInAsNew(client)),
    'changePassword 400 BAD_JSON': sendJson('PUT', '/auth/me/password', '{'),
    'changePassword 403 WRONG_PASSWORD': () => changePassword({ currentPassword: 'wrong' }),
    'changePassword 413 PAYLOAD_TOO_LARGE': () => changePassword({ currentPassword: 'x'.repeat(70_000) }),
    'changePassword 415 UNSUPPORTED_MEDIA_TYPE': get(() => '/auth/me/password', {
      method: 'PUT',
      body: '{}',
    }),
    'changePassword 422 UNPROCESSABLE': () => changePassword({ newPassword: 'short' }),
    'changePassword 429 TOO_MANY_REQUESTS': async () => {
      const token = await signInAsNew(client)
      return untilRefused(() => changePassword({ currentPassword: 'wrong' }, token))()
    },
    'getNotifications 200 application/json': get(() => '/auth/me/notifications'),
    'changeNotifications 200 application/json': () => changeNotifications({ mail: { enabled: true } }),
    'changeNotifications 400 BAD_JSON': sendJson('PUT', '/auth/me/notifications', '{'),
    'changeNotifications 413 PAYLOAD_TOO_LARGE': () => changeNotifications({ url: 'x'.repeat(70_000) }),
    'changeNotifications 415 UNSUPPORTED_MEDIA_TYPE': get(() => '/auth/me/notifications', {
      method: 'PUT',
      body: '{}',
    }),
    'changeNotifications 422 UNPROCESSABLE': () => changeNotifications({ webhooks: [{ url: 'nowhere' }] }),
    'testNotification 202 application/json': async () => {
      // It leads to this machine, which no webhook may: it is not called.
      const changed = await changeNotifications({ webhooks: [{ url: 'https://localhost/' }] })
      const { webhooks } = (await changed.json()) as { webhooks: { id: string }[] }
      return testNotification({ via: 'webhook', id: webhooks[0]?.id })
    },
    'testNotification 400 BAD_JSON': sendJson('POST', '/auth/me/notifications/test', '{'),
    'testNotification 404 NOT_FOUND': () => testNotification({ via: 'webhook', id: nobodysId }),
    'testNotification 413 PAYLOAD_TOO_LARGE': () => testNotification({ via: 'x'.repeat(70_000) }),
    'testNotification 415 UNSUPPORTED_MEDIA_TYPE': send('/auth/me/notifications/test', '{}', 'text/plain'),
    'testNotification 422 UNPROCESSABLE': () => testNotification({ via: 'pigeon' }),
    'testNotification 429 TOO_MANY_REQUESTS': untilRefused(() => testNotification({ via: 'mail' })),
    'listAccounts 200 application/json': get(() => '/auth/users?limit=1'),
    'listAccounts 422 UNPROCESSABLE': get(() => '/auth/users?limit=0'),
    'createAccount 201 application/json': () => createAccount({}),
    'createAccount 400 BAD_JSON': sendJson('POST', '/auth/users', '{'),
    'createAccount 409 EMAIL_TAKEN': () => createAccount({ email: server.email.toUpperCase() }),
    'createAccount 413 PAYLOAD_TOO_LARGE': () => createAccount({ password: 'x'.repeat(70_000) }),
    'createAccount 415 UNSUPPORTED_MEDIA_TYPE': send('/auth/users', '{}', 'text/plain'),
    'createAccount 422 UNPROCESSABLE': () => createAccount({ email: 'nobody', password: 'short' }),
    'updateAccount 200 application/json': async () => {
      const { id } = (await (await createAccount({})).json()) as { id: string }
      const change = { disabled: true, quota: { jobs: 5, fileBytes: 'unlimited', storedBytes: null } }
      return sendJson('PATCH', `/auth/users/${id}`, JSON.stringify(change))()
    },
    'updateAccount 400 BAD_JSON': sendJson('PATCH', '/auth/users/x', '{'),
    'updateAccount 400 BAD_REQUEST': sendJson('PATCH', '/auth/users/%FF', '{"disabled":true}'),
    'updateAccount 404 NOT_FOUND': sendJson('PATCH', '/auth/users/..%2Fx', '{"disabled":true}'),
    'updateAccount 409 OWN_ACCOUNT': async () => {
      const { id } = await client.json<{ id: string }>('/auth/me')
      return sendJson('PATCH', `/auth/users/${id}`, '{"disabled":true}')()
    },
    'updateAccount 413 PAYLOAD_TOO_LARGE': sendJson('PATCH', '/auth/users/x', `"${'x'.repeat(70_000)}"`),
    'updateAccount 415 UNSUPPORTED_MEDIA_TYPE': get(() => '/auth/users/x', { method: 'PATCH', body: '{}' }),
    'updateAccount 422 UNPROCESSABLE': sendJson('PATCH', '/auth/users/x', '{"disabled":"yes"}'),

    'uploadForm 202 application/json': () =>
      client.fetch('/upload', { method: 'POST', body: client.form({ filename: 'a.avi', bytes: avi }) }),
    'uploadForm 400 BAD_MULTIPART': send('/upload', 'x', 'multipart/form-data; boundary=b'),
    'uploadForm 400 NO_FILE': upload(['bitrate', '128']),
    'uploadForm 400 TOO_MANY_FILES': upload(['file', file], ['file', file]),
    'uploadForm 400 EMPTY_FILE': upload(['file', new Blob([])]),
    'uploadForm 400 FIELD_AFTER_FILE': upload(['file', file], ['bitrate', '128']),
    'uploadForm 403 STORAGE_QUOTA_EXCEEDED': async () => sendSmallForm(await limited({ storedBytes: 1 })),
    'uploadForm 413 FILE_TOO_LARGE': async () => sendSmallForm(await limited({ fileBytes: 1 })),
    'uploadForm 429 TOO_MANY_JOBS': async () => sendSmallForm(await busy()),
    'uploadForm 409 CONFLICT': () => uploadDeleted(client),
    'uploadForm 413 PAYLOAD_TOO_LARGE': upload(['file', new Blob([new Uint8Array(33 * 2 ** 20)])]),
    'uploadForm 415 UNSUPPORTED_MEDIA_TYPE': send('/upload', 'bytes', 'video/mp4'),
    'uploadForm 422 UNPROCESSABLE': upload(['bitrate', '1'], ['file', file]),

    'openUploadSession 201 application/json': get(() => '/upload/sessions', session({})),
    'openUploadSession 400 BAD_JSON': send('/upload/sessions', '{', 'application/json'),
    'openUploadSession 403 STORAGE_QUOTA_EXCEEDED': async () =>
      (await limited({ storedBytes: 1 })).fetch('/upload/sessions', session({ size: 2 })),
    'openUploadSession 413 FILE_TOO_LARGE': async () =>
      (await limited({ fileBytes: 1 })).fetch('/upload/sessions', session({ size: 2 })),
    'openUploadSession 429 TOO_MANY_JOBS': async () => (await busy()).fetch('/upload/sessions', session({})),
    'openUploadSession 413 PAYLOAD_TOO_LARGE': get(
      () => '/upload/sessions',
      session({ filename: 'x'.repeat(70_000) }),
    ),
    'openUploadSession 415 UNSUPPORTED_MEDIA_TYPE': send('/upload/sessions', '{}', 'text/plain'),
    'openUploadSession 422 UNPROCESSABLE': get(() => '/upload/sessions', session({ size: 0 })),

    'listJobs 200 application/json': get(() => '/status?limit=1&filename=small&status=MP3_COMPLETED'),
    'listJobs 422 UNPROCESSABLE': get(() => '/status?status=DELETED'),
    'followJobs 200 text/event-stream': get(() => '/status/events'),
    'getJob 200 application/json': get(() => `/status/${failed.id}`),
    'deleteJob 204': async () => {
      const { job } = await client.json<{ job: JobView }>('/upload/sessions', session({}), 201)
      return client.fetch(`/status/${job.id}`, { method: 'DELETE' })
    },
    'followJob 200 text/event-stream': get(() => `/status/${waiting.id}/events`),
    'retryJob 202 application/json': get(() => `/status/${failed.id}/retry`, { method: 'POST' }),
    'retryJob 409 CONFLICT': get(() => `/status/${small.id}/retry`, { method: 'POST' }),
    'retryJob 429 TOO_MANY_JOBS': async () => {
      const user = await limited({ jobs: 1 })
      const { id } = await user.failed(
        (await user.upload({ filename: 'no.mp4', bytes: Buffer.from('bytes') })).id,
      )
      await user.json('/upload/sessions', session({}), 201)
      return user.fetch(`/status/${id}/retry`, { method: 'POST' })
    },
    'retryJob 409 SOURCE_GONE': () =>
      new Client(forgetful).fetch(`/status/${sourceless.id}/retry`, { method: 'POST' }),
    'listDeliveries 200 application/json': get(() => `/status/${failed.id}/deliveries`),

    'downloadMp3 200 application/json': get(() => `/download/${small.id}?format=json`),
    'downloadMp3 302': get(() => `/download/${small.id}`),
    'downloadMp3 409 NOT_COMPLETED': get(() => `/download/${waiting.id}`),
    'downloadMp3 422 UNPROCESSABLE': get(() => `/download/${small.id}?format=xml`),
    'downloadVideo 200 application/json': get(() => `/download/${small.id}/video?format=json`),
    'downloadVideo 302': get(() => `/download/${small.id}/video`),
    'downloadVideo 404 NOT_FOUND': get(() => `/download/${large.id}/video`),
    'downloadVideo 409 NOT_COMPLETED': get(() => `/download/${waiting.id}/video`),
    'downloadVideo 422 UNPROCESSABLE': get(() => `/download/${small.id}/video?format=xml`),
    'openStream 200 application/json': get(() => `/download/${small.id}/stream-token`, { method: 'POST' }),
    'openStream 404 NOT_FOUND': get(() => `/download/${large.id}/stream-token`, { method: 'POST' }),
    'openStream 409 NOT_COMPLETED': get(() => `/download/${waiting.id}/stream-token`, { method: 'POST' }),
    'playStream 206 video/mp4': play('bytes=0-'),
    'playStream 302': play(undefined),
    'playStream 401 TOKEN_INVALID': get(() => `/download/${small.id}/stream?token=x`),
    'playStream 404 NOT_FOUND': async () => {
      const { id } = await client.upload({ filename: 'deleted.avi', bytes: avi })
      await client.completed(id)
      const { token } = await streamToken(client, id)
      await client.fetch(`/status/${id}`, { method: 'DELETE' })
      return client.fetch(`/download/${id}/stream?token=${token}`)
    },
    'playStream 416 RANGE_NOT_SATISFIABLE': play('bytes=9999999-'),
    'downloadMp3ByFid 200 audio/mpeg': get(() => `/download?fid=${small.id}&format=json`),
    'downloadMp3ByFid 200 application/json': get(() => `/download?fid=${large.id}&format=json`),
    'downloadMp3ByFid 302': get(() => `/download?fid=${large.id}`),
    'downloadMp3ByFid 404 NOT_FOUND': get(() => `/download?fid=${nobodysId}`),
    'downloadMp3ByFid 409 NOT_COMPLETED': get(() => `/download?fid=${waiting.id}`),
    'downloadMp3ByFid 422 UNPROCESSABLE': get(() => '/download'),
  }

  /** What goes wrong alike on every route: tokens, and ids in the path. */
  function askWrongly({ method, path }: Operation, code: string): Ask | undefined {
    const at = (id: string, authorization?: string): Promise<Response> =>
      fetch(server.apiUrl + path.replace('{id}', id), {
        method,
        redirect: 'manual',
        headers: authorization === undefined ? {} : { authorization },
      })
    const wrong: Record<string, Ask> = {
      TOKEN_MISSING: () => at(nobodysId),
      TOKEN_INVALID: () => at(nobodysId, `Bearer ${server.token}x`),
      TOKEN_EXPIRED: async () => at(nobodysId, `Bearer ${await expiredToken(signingKey)}`),
      BAD_REQUEST: () => at('%FF', `Bearer ${server.token}`),
      NOT_FOUND: () => at(nobodysId, `Bearer ${server.token}`),
      FORBIDDEN: async () => at(nobodysId, `Bearer ${await signInAsNew(client)}`),
    }
    return wrong[code]
  }

  for (const { answer, kind, name } of promised) {
    const ask = asked[name] ?? askWrongly(answer.operation, kind ?? '')
    it(name, async () => {
      assert.ok(ask, 'this test must say how to get this answer')
      await check(answer, await ask(), kind)
    })
  }

  it('nothing that is asked for here is missing there', () => {
    const names = new Set(promised.map(({ name }) => name))
    assert.deepEqual(new Set(Object.keys(asked)).difference(names), new Set())
  })

  it('a method that a path does not have is refused, with those that it has', async () => {
    for (const failure of api.answers.filter(({ status }) => status === 'default')) {
      const { method, path } = failure.operation
      const known = api.operations.filter((other) => other.path === path).map((other) => other.method)
      const unknown = ['PATCH', 'DELETE'].find((other) => !known.includes(other)) ?? ''
      const response = await client.fetch(path.replace('{id}', nobodysId), { method: unknown })
      assert.equal(response.status, 405)
      assert.ok(response.headers.get('allow')?.split(', ').includes(method), `${method} ${path}`)
      await check(failure, response, 'METHOD_NOT_ALLOWED')
    }
  })

  it('events carry jobs, and what is left of deleted ones', async () => {
    const { body } = await client.fetch('/status/events')
    assert.ok(body)
    const events = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
    const { id } = await client.upload({ filename: 'live.avi', bytes: avi })
    const seen = new Set<string>()
    for await (const { event, id: eventId, data } of events) {
      const job = JSON.parse(data) as JobView & { updatedAt: string }
      assert.equal(api.mistakesBy('JobEvent', job), '')
      assert.deepEqual([event, eventId], ['job', job.updatedAt])
      if (job.id !== id) continue
      seen.add(job.status)
      if (job.status === 'MP3_COMPLETED') await client.fetch(`/status/${id}`, { method: 'DELETE' })
      if (job.status === 'DELETED') break
    }
    assert.ok(seen.has('CREATING_MP3') && seen.has('MP3_COMPLETED'), [...seen].join(', '))
  })

  describe('the limits of', () => {
    it('a page of jobs', async () => {
      const parameters = api.find('paths', '/status', 'get').value['parameters']
      const { schema } =
        (parameters as { name: string; schema: Limits }[]).find(({ name }) => name === 'limit') ?? {}
      assert.ok(schema)
      const { minimum, maximum } = schema
      for (const limit of [minimum, maximum]) await client.json(`/status?limit=${limit}`)
      for (const limit of [minimum - 1, maximum + 1]) await client.json(`/status?limit=${limit}`, {}, 422)
    })

    it('what an upload session is opened with', async () => {
      const limitsOf = (...keys: string[]): Limits =>
        api.find('components', 'schemas', ...keys).value as unknown as Limits
      const around = ({ minimum, maximum }: Limits): number[] => [minimum - 1, minimum, maximum, maximum + 1]
      const bodies: Record<string, unknown>[] = [
        ...around(limitsOf('UploadSessionRequest', 'properties', 'size')).map((size) => ({ size })),
        ...around(limitsOf('Bitrate')).map((bitrate) => ({ options: { bitrate } })),
        ...around(limitsOf('Quality')).map((quality) => ({ options: { quality } })),
        ...[1000, 1001].map((length) => ({ filename: 'x'.repeat(length) })),
        ...['video/mp4', 'video', 'video/mp4; codecs=avc1'].map((contentType) => ({ contentType })),
        { options: { bitrate: 64, quality: 0 } },
        { options: { colour: 'red' } },
        { colour: 'red' },
        { size: 1.5 },
        { size: '1' },
        { filename: undefined },
      ]
      for (const body of bodies) {
        const request = session(body)
        const mistakes = api.mistakesBy('UploadSessionRequest', JSON.parse(request.body))
        await client.json('/upload/sessions', request, mistakes === '' ? 201 : 422)
      }
    })
  })
})

interface Limits {
  minimum: number
  maximum: number
}

/** That a response is this answer: status, headers, media type, and a body by the schema, with this code if it is a problem. */
async function check(answer: Answer, response: Response, kind: string | undefined): Promise<void> {
  const body = await bodyOf(response)
  if (answer.status !== 'default') assert.equal(String(response.status), answer.status, body)
  for (const { name, required, schema } of api.headersOf(answer)) {
    const value = response.headers.get(name)
    if (value !== null) assert.equal(api.mistakes(schema, value), '', name)
    else assert.ok(!required, `the header ${name} is missing`)
  }
  const type = response.headers.get('content-type')?.split(';')[0]
  assert.equal(type, answer.mediaType)
  if (answer.mediaType === undefined) assert.equal(body, '')
  if (!type?.endsWith('json')) return
  assert.ok(answer.schema)
  assert.equal(api.mistakes(answer.schema, JSON.parse(body)), '')
  if (isProblem(answer)) assert.equal((JSON.parse(body) as { code: string }).code, kind)
}

/** A body's text; of a stream that has no end, nothing. */
async function bodyOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return response.text()
  await response.body?.cancel()
  return ''
}

const streamToken = (client: Client, id: string): Promise<{ token: string }> =>
  client.json(`/download/${id}/stream-token`, { method: 'POST' })

const userPassword = 'correct horse'
let accounts = 0
const newAccount = () => ({ email: `user${++accounts}@example.com`, password: userPassword, role: 'user' })

const basic = (email: string, password = 'wrong'): string =>
  `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`

/** The token of an account that was made for it, with limits of its own. */
async function signInAsNew(client: Client, quota?: Record<string, number>): Promise<string> {
  const { email, ...rest } = newAccount()
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify({ email, ...rest })
  const { id } = await client.json<{ id: string }>('/auth/users', { method: 'POST', headers, body }, 201)
  if (quota)
    await client.json(`/auth/users/${id}`, { method: 'PATCH', headers, body: JSON.stringify({ quota }) })
  const authorization = basic(email, userPassword)
  const answer = await client.json<{ token: string }>('/auth/login', {
    method: 'POST',
    headers: { authorization },
  })
  return answer.token
}

/** Asks until the answer is that one has asked too often. */
function untilRefused(ask: () => Promise<Response>): () => Promise<Response> {
  return async () => {
    for (;;) {
      const response = await ask()
      if (response.status === 429) return response
      await response.body?.cancel()
    }
  }
}

/** A request for an upload session, with these fields changed. */
function session(fields: Record<string, unknown>) {
  const body = JSON.stringify({ filename: 'a.mp4', size: 1, ...fields })
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body }
}

function formOf(parts: [name: string, value: string | Blob][]): FormData {
  const form = new FormData()
  for (const [name, value] of parts) {
    if (typeof value === 'string') form.append(name, value)
    else form.append(name, value, 'video.mp4')
  }
  return form
}

/** An upload whose job is deleted before its last byte is sent. */
async function uploadDeleted(client: Client): Promise<Response> {
  const filename = 'deleted on the way.mp4'
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(
      `--b\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\nbytes`,
    )
    let job: JobView | undefined
    while (!job) job = (await client.list()).find((listed) => listed.filename === filename)
    await client.fetch(`/status/${job.id}`, { method: 'DELETE' })
    yield Buffer.from('\r\n--b--\r\n')
  }
  const headers = { 'content-type': 'multipart/form-data; boundary=b' }
  return client.fetch('/upload', {
    method: 'POST',
    headers,
    body: ReadableStream.from(body()),
    duplex: 'half',
  })
}

/** A token that was right until a second ago. */
async function expiredToken(key: CryptoKey): Promise<string> {
  const { kty, crv, x } = await exportJWK(key)
  const kid = await calculateJwkThumbprint({ kty, crv, x } as JWK)
  return new SignJWT()
    .setProtectedHeader({ alg: tokenAlgorithm, kid })
    .setSubject('somebody')
    .setIssuer(tokenIssuer)
    .setAudience(tokenIssuer)
    .setExpirationTime('-1 s')
    .sign(key)
}
