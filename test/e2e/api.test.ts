import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { decodeJwt, SignJWT, generateKeyPair } from 'jose'
import { limit } from '../../cli/limit.ts'
import { basic, Client, type JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

const someId = '01a1fac4-0904-7084-9dfd-f61097709add'
const json = { 'content-type': 'application/json' }

describe('The HTTP API', { skip: unavailable, timeout: 180_000 }, () => {
  let server: TestServer
  let client: Client
  let video: Buffer<ArrayBuffer>
  before(async () => {
    server = await startServer({ env: { LEASE_SECONDS: '6' } })
    client = new Client(server)
    video = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
  })
  after(() => server.stop())

  const login = (email: string, password: string) =>
    client.fetch('/auth/login', {
      method: 'POST',
      headers: { authorization: basic(email, password) },
    })

  describe('signing in', () => {
    it('gives a token that says who one is', async () => {
      const response = await login(server.email.toUpperCase(), server.password)
      assert.equal(response.status, 200)
      const { token, tokenType, expiresIn } = (await response.json()) as Record<string, unknown>
      assert.deepEqual([tokenType, expiresIn], ['Bearer', 86400])
      const me = await new Client({ apiUrl: server.apiUrl, token: String(token) }).json<
        Record<string, string>
      >('/auth/me')
      assert.equal(me['email'], server.email)
      assert.equal(me['role'], 'admin')
    })

    it('is refused alike for a wrong password and an unknown address', async () => {
      const answers = await Promise.all([login(server.email, 'wrong'), login('nobody@example.com', 'wrong')])
      const [known, unknown] = await Promise.all(answers.map((answer) => answer.json()))
      assert.deepEqual(known, unknown)
      assert.equal((known as { code: string }).code, 'BAD_CREDENTIALS')
    })

    it('publishes the keys that tokens are signed with, without their private part', async () => {
      const { keys } = await client.json<{ keys: Record<string, string>[] }>('/auth/jwks.json')
      assert.equal(keys[0]?.['crv'], 'Ed25519')
      assert.equal(keys[0]?.['d'], undefined)
    })
  })

  describe('a token', () => {
    const refused = (authorization: string) => client.problem('/status', { headers: { authorization } })

    it('is needed', async () => {
      const response = await fetch(`${client.apiUrl}/status`)
      assert.equal(response.status, 401)
      assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer/)
      assert.equal(((await response.json()) as { code: string }).code, 'TOKEN_MISSING')
    })

    it('of the wrong form, the wrong signature or another key is refused', async () => {
      const [head = '', body = '', signature = ''] = client.token.split('.')
      const { privateKey } = await generateKeyPair('EdDSA')
      const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }
      const claims = decodeJwt(client.token)
      const forged = await new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid }).sign(privateKey)
      const unknown = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'EdDSA', kid: '../users' })
        .sign(privateKey)
      const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.${signature}`
      for (const token of ['', 'x', 'a.b.c', forged, unknown, none, `${head}.${body}.`]) {
        assert.equal((await refused(`Bearer ${token}`)).code, 'TOKEN_INVALID')
      }
      assert.equal((await refused(`Basic ${client.token}`)).code, 'TOKEN_INVALID')
    })
  })

  describe('answers mistakes as problems:', () => {
    const mistakes: [what: string, path: string, init: RequestInit, code: string][] = [
      ['an unknown function', '/nothing', {}, 'NOT_FOUND'],
      ['an unknown route', '/status/a/b/c', {}, 'NOT_FOUND'],
      ['an event from outside', '/transcode', { method: 'POST', headers: json, body: '{}' }, 'NOT_FOUND'],
      ['the wrong method', '/status', { method: 'PUT' }, 'METHOD_NOT_ALLOWED'],
      ['an id that is none', '/status/..%2F..%2Fetc', {}, 'NOT_FOUND'],
      ['an id of no job', `/status/${someId}`, {}, 'NOT_FOUND'],
      ['events of no job', `/status/${someId}/events`, {}, 'NOT_FOUND'],
      ['a download of no job', `/download/${someId}`, {}, 'NOT_FOUND'],
      ['a download without an id', '/download', {}, 'UNPROCESSABLE'],
      ['a deletion of no job', `/status/${someId}`, { method: 'DELETE' }, 'NOT_FOUND'],
      ['a path that is no UTF-8', '/status/%FF', {}, 'BAD_REQUEST'],
      ['bad JSON', '/upload/sessions', { method: 'POST', headers: json, body: '{' }, 'BAD_JSON'],
      ['no JSON', '/upload/sessions', { method: 'POST', body: 'x' }, 'UNSUPPORTED_MEDIA_TYPE'],
      [
        'too much JSON',
        '/upload/sessions',
        { method: 'POST', headers: json, body: `"${'x'.repeat(70_000)}"` },
        'PAYLOAD_TOO_LARGE',
      ],
      ['a limit out of range', '/status?limit=1000', {}, 'UNPROCESSABLE'],
      ['a page token of ones own', '/status?pageToken=abc', {}, 'UNPROCESSABLE'],
      ['a status that does not exist', '/status?status=READY', {}, 'UNPROCESSABLE'],
    ]
    for (const [what, path, init, code] of mistakes) {
      it(`${what} is ${code}`, async () => assert.equal((await client.problem(path, init)).code, code))
    }

    it('a body that claims to be an event is not read into memory', async () => {
      const headers = { 'ce-id': '1', 'ce-type': 'x', 'ce-source': 'x', 'ce-specversion': '1.0', ...json }
      const problem = await client.problem('/upload', { method: 'POST', headers, body: '{}' })
      assert.equal(problem.code, 'UNSUPPORTED_MEDIA_TYPE')
    })
  })

  describe('the list', () => {
    it('is newest first, in pages, by status and by the beginning of the name', async () => {
      const ids: string[] = []
      for (const filename of ['list a.avi', 'list b.avi', 'other.avi']) {
        const { id } = await client.upload({ filename, bytes: video })
        ids.unshift(id)
      }
      await Promise.all(ids.map((id) => client.completed(id)))
      const idsOf = (jobs: JobView[]) => jobs.map(({ id }) => id)
      assert.deepEqual(idsOf(await client.list()).slice(0, 3), ids)
      const first = await client.json<{ jobs: JobView[]; nextPageToken: string }>('/status?limit=2')
      assert.deepEqual(idsOf(first.jobs), ids.slice(0, 2))
      const second = await client.json<{ jobs: JobView[] }>(
        `/status?limit=2&pageToken=${first.nextPageToken}`,
      )
      assert.equal(second.jobs[0]?.id, ids[2])
      assert.deepEqual(idsOf(await client.list('filename=list')), ids.slice(1))
      assert.deepEqual(await client.list('status=FAILED'), [])
      assert.ok((await client.list('status=MP3_COMPLETED')).length >= 3)
    })

    it('has names as they are usually written, however a client spells them, and finds them so', async () => {
      const apart = '한글 é.mp4'.normalize('NFD')
      const { job } = await client.openSession({ filename: apart, size: 1 })
      assert.equal(job.filename, '한글 é.mp4'.normalize('NFC'))
      for (const form of ['NFC', 'NFD'])
        assert.deepEqual(
          (await client.list(`filename=${encodeURIComponent('한글'.normalize(form))}`)).map(({ id }) => id),
          [job.id],
        )
      await client.fetch(`/status/${job.id}`, { method: 'DELETE' })
    })
  })

  describe('events', () => {
    it('tell of every status of a job, live, and resume where they broke off', async () => {
      const all = await listen(client, '/status/events')
      const { id } = await client.upload({ filename: 'live.avi', bytes: video })
      const one = await listen(client, `/status/${id}/events`)
      const last = await one.until(({ status }) => status === 'MP3_COMPLETED')
      assert.equal(last.job.filename, 'live.avi')
      const seen = await all.until(({ id: other, status }) => other === id && status === 'MP3_COMPLETED')
      const statuses = all.seen.filter(({ job }) => job.id === id).map(({ job }) => job.status)
      const steps = [
        'UPLOADING',
        'ENQUEUED',
        'NEED_CONVERT',
        'NO_NEED_CONVERT',
        'CREATING_MP3',
        'MP3_COMPLETED',
      ]
      const inOrder = statuses.toSorted((one, other) => steps.indexOf(one) - steps.indexOf(other))
      assert.deepEqual(statuses, inOrder)
      assert.ok(new Set(statuses).size > 2, 'while it goes on, not just at the end')
      assert.deepEqual(
        last.job.timeline.map(({ status }) => status),
        steps,
      )

      await client.fetch(`/status/${id}`, { method: 'DELETE' })
      const resumed = await listen(client, '/status/events', seen.id)
      await resumed.until((job) => job.id === id && job.status === 'DELETED')
      await Promise.all([all, one, resumed].map((stream) => stream.close()))
    })
  })

  it('goes on with its events after any gap, however much has changed', async () => {
    const before = new Date(Date.now() - 1000).toISOString()
    const names = Array.from({ length: 800 }, (_, index) => `${'long '.repeat(190)}${index}`)
    const inTurn = limit(8)
    const opened = names.map((filename) => inTurn(() => client.openSession({ filename, size: 1 })))
    const ids = (await Promise.all(opened)).map(({ job }) => job.id)
    const stream = await listen(client, '/status/events', before)
    for (const id of ids) await stream.until((job) => job.id === id)
    await stream.close()
  })

  describe('deleting a job', () => {
    it('hides it at once and takes its objects along', async () => {
      const { id } = await client.upload({ filename: 'gone.avi', bytes: video })
      await client.completed(id)
      const { url } = await client.json<{ url: string }>(`/download/${id}?format=json`)
      assert.equal((await client.fetch(`/status/${id}`, { method: 'DELETE' })).status, 204)
      for (const path of [`/status/${id}`, `/download/${id}`, `/status/${id}/events`]) {
        assert.equal((await client.problem(path)).code, 'NOT_FOUND')
      }
      assert.equal((await client.problem(`/status/${id}`, { method: 'DELETE' })).code, 'NOT_FOUND')
      assert.ok((await client.list()).every((job) => job.id !== id))
      while ((await fetch(url)).status === 200) await delay(25)
      assert.equal((await fetch(url)).status, 404)
    })

    it('stops its conversion', async () => {
      const long = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 400, channels: 1 })
      const { id } = await client.uploadBySession({
        filename: 'long.avi',
        bytes: long,
        options: { quality: 0 },
      })
      // The MP3 may be ready as soon as the MP4 is.
      await client.until(id, ({ status }) => status === 'NEED_CONVERT' || status === 'CREATING_MP3')
      await client.fetch(`/status/${id}`, { method: 'DELETE' })
      // At its next renewal of the lease.
      while (!server.log().includes('A worker stops')) await delay(25)
    })
  })

  describe('downloads', () => {
    it('redirect, answer as JSON, or hand over the bytes to old clients', async () => {
      const { id } = await client.upload({ filename: 'song "1".avi', bytes: video })
      const job = await client.completed(id)
      const redirect = await client.fetch(`/download/${id}`)
      assert.equal(redirect.status, 302)
      const followed = Buffer.from(await (await fetch(redirect.headers.get('location') ?? '')).arrayBuffer())
      const old = await client.fetch(`/download?fid=${id}`)
      assert.equal(old.status, 200)
      assert.equal(old.headers.get('content-disposition'), 'attachment; filename="song \\"1\\".mp3"')
      assert.ok(Buffer.from(await old.arrayBuffer()).equals(followed))
      assert.equal(followed.length, job.target?.size)
      assert.equal(followed.subarray(0, 3).toString(), 'ID3')
      const mp4 = await client.json<{ url: string }>(`/download/${id}/video?format=json`)
      const video4 = Buffer.from(await (await fetch(mp4.url)).arrayBuffer())
      assert.equal(video4.subarray(4, 8).toString(), 'ftyp')
    })
  })

  it('lets only the pages of allowed origins read its answers', async () => {
    const asked = (origin: string) => client.fetch('/status', { headers: { origin } })
    assert.equal((await asked(client.apiUrl)).headers.get('access-control-allow-origin'), client.apiUrl)
    assert.equal((await asked('https://evil.example')).headers.get('access-control-allow-origin'), null)
  })

  it('takes a large refused upload without losing its answer', async () => {
    const req = request(`${client.apiUrl}/upload`, {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    })
    const answered = new Promise<number | undefined>((resolve, reject) => {
      req.on('response', (res) => resolve(res.statusCode)).on('error', reject)
    })
    for (let sent = 0; sent < 64; sent++) req.write(Buffer.alloc(1024 * 1024))
    req.end()
    assert.equal(await answered, 401)
  })
})

interface Heard {
  id: string | undefined
  job: JobView
}

/** A stream of server-sent events, heard from its opening on. */
async function listen(client: Client, path: string, lastEventId?: string) {
  const stop = new AbortController()
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId }
  const response = await client.fetch(path, { headers, signal: stop.signal })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/)
  const seen: Heard[] = []
  const waiting: (() => void)[] = []
  const parser = createParser({
    onEvent({ event, id, data }: EventSourceMessage) {
      assert.equal(event, 'job')
      seen.push({ id, job: JSON.parse(data) as JobView })
      for (const wake of waiting.splice(0)) wake()
    },
  })
  const { body } = response
  assert.ok(body)
  const reading = (async () => {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) parser.feed(chunk)
  })().catch(() => undefined)
  return {
    seen,
    async until(wanted: (job: JobView) => boolean): Promise<Heard> {
      for (;;) {
        const found = seen.find(({ job }) => wanted(job))
        if (found) return found
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
    async close(): Promise<void> {
      stop.abort()
      await reading
    },
  }
}
