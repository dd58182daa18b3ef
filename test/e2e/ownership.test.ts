import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { signUp } from '../accounts.ts'
import { Client, sending, type JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

describe('A user', { skip: unavailable, timeout: 180_000 }, () => {
  let server: TestServer
  let admin: Client
  let anna: Client
  let ben: Client
  /** Completed, with an MP4. */
  let job: JobView
  /** Has failed. */
  let failed: JobView

  before(async () => {
    server = await startServer()
    admin = new Client(server)
    anna = await signUp(admin, 'anna@example.com')
    ben = await signUp(admin, 'ben@example.com')
    const avi = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
    job = await anna.completed((await anna.upload({ filename: 'hers.avi', bytes: avi })).id)
    failed = await anna.failed((await anna.upload({ filename: 'notes.avi', bytes: Buffer.from('text') })).id)
  })
  after(() => server.stop())

  const routes: [what: string, method: string, path: (id: string) => string][] = [
    ['look at', 'GET', (id) => `/status/${id}`],
    ['follow', 'GET', (id) => `/status/${id}/events`],
    ['see who was told of', 'GET', (id) => `/status/${id}/deliveries`],
    ['retry', 'POST', (id) => `/status/${id}/retry`],
    ['download', 'GET', (id) => `/download/${id}`],
    ['download, as old clients do,', 'GET', (id) => `/download?fid=${id}`],
    ['download the video of', 'GET', (id) => `/download/${id}/video`],
    ['stream the video of', 'POST', (id) => `/download/${id}/stream-token`],
    ['delete', 'DELETE', (id) => `/status/${id}`],
  ]
  for (const [what, method, path] of routes) {
    it(`cannot ${what} somebody else's job, nor tell it from one that does not exist`, async () => {
      const nobodys = '01a1fac4-0904-7084-9dfd-f61097709add'
      for (const { id } of [job, failed]) {
        const theirs = await ben.problem(path(id), { method })
        const none = await ben.problem(path(nobodys), { method })
        assert.equal(theirs.code, 'NOT_FOUND')
        assert.deepEqual(theirs, JSON.parse(JSON.stringify(none).replaceAll(nobodys, id)))
      }
    })
  }

  it('lists their own, whatever they ask for', async () => {
    assert.deepEqual(
      (await anna.list()).map(({ id }) => id),
      [failed.id, job.id],
    )
    for (const query of [
      '',
      'owner=me',
      'status=MP3_COMPLETED',
      'filename=hers',
      'status=FAILED&filename=notes',
    ])
      assert.deepEqual(await ben.list(query), [])
    assert.equal((await anna.list('owner=me')).length, 2)
  })

  /** What a stream tells of all since long ago, up to a job that is made meanwhile. */
  async function hear(who: Client, path: string): Promise<string> {
    const stop = new AbortController()
    const headers = { 'last-event-id': new Date(0).toISOString() }
    const response = await who.fetch(path, { headers, signal: stop.signal })
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    assert.ok(reader)
    const own = await who.upload({ filename: 'own.avi', bytes: Buffer.from('text') })
    let heard = ''
    while (!heard.includes(own.id)) {
      const { done, value } = await reader.read()
      assert.ok(!done, 'the stream has ended')
      heard += value
    }
    stop.abort()
    return heard
  }

  it('hears of their own, also when asking for all since long ago', async () => {
    const heard = await hear(ben, '/status/events')
    for (const { id } of [job, failed]) assert.ok(!heard.includes(id))
  })

  it('may not do what only an administrator may', async () => {
    const before = await admin.json('/auth/users')
    assert.equal((await ben.problem('/auth/users')).code, 'FORBIDDEN')
    const eve = { email: 'eve@example.com', password: 'a long enough one', role: 'admin' }
    assert.equal((await ben.problem('/auth/users', sending('POST', eve))).code, 'FORBIDDEN')
    assert.deepEqual(await admin.json('/auth/users'), before)
  })

  it('has an administrator who is told of their own alone where they ask for that', async () => {
    const heard = await hear(admin, '/status/events?owner=me')
    for (const { id } of [job, failed]) assert.ok(!heard.includes(id))
    const { id: self } = await admin.json<{ id: string }>('/auth/me')
    for (const query of ['owner=me', 'owner=me&filename=own']) {
      const owners = new Set((await admin.list(query)).map(({ owner }) => owner))
      assert.deepEqual([...owners], [self], query)
    }
    assert.deepEqual(await admin.list('owner=me&status=MP3_COMPLETED'), [])
  })

  it('has an administrator who cannot ask for the jobs of one other', async () => {
    for (const path of ['/status', '/status/events']) {
      const { code, errors } = await admin.problem(`${path}?owner=${job.owner}`)
      assert.deepEqual([code, errors?.map(({ field }) => field)], ['UNPROCESSABLE', ['owner']])
    }
  })

  it('has an administrator who sees, downloads, retries and deletes everybody’s', async () => {
    const ids = (await admin.list()).map(({ id }) => id)
    for (const { id } of [job, failed]) assert.ok(ids.includes(id))
    assert.equal((await admin.job(job.id)).filename, 'hers.avi')
    assert.ok((await admin.mp3(job.id)).length > 0)
    await admin.json(`/status/${failed.id}/retry`, { method: 'POST' }, 202)
    await admin.until(failed.id, ({ status, attempt }) => status === 'FAILED' && attempt === 2)
    assert.equal((await admin.fetch(`/status/${job.id}`, { method: 'DELETE' })).status, 204)
    assert.equal((await anna.problem(`/status/${job.id}`)).code, 'NOT_FOUND')
  })
})
