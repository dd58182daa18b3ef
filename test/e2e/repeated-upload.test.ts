import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { signUp, type User } from '../accounts.ts'
import { Client, sending, type JobView, type ProblemBody } from '../client.ts'
import { streamedForm } from '../form.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

/** No video: its job is over at once. */
const bytes = new Uint8Array(1000)

describe(
  'An upload that is sent again with its Idempotency-Key',
  { skip: unavailable, timeout: 120_000 },
  () => {
    let server: TestServer
    let owner: User
    /** Who uploads. */
    let user: User
    let key: string

    before(async () => {
      server = await startServer()
      owner = await signUp(new Client(server))
    })
    after(() => server?.stop())
    beforeEach(() => {
      user = owner
      key = randomUUID()
    })

    const withKey = (init: RequestInit): RequestInit => {
      const headers = new Headers(init.headers)
      headers.set('idempotency-key', key)
      return { ...init, headers }
    }
    const post = (init: RequestInit): Promise<Response> => user.fetch('/upload', withKey(init))
    const sendForm = (filename = `${key}.mp4`): Promise<Response> =>
      post({ method: 'POST', body: user.form({ filename, bytes }) })
    const openSession = (file: Record<string, unknown> = {}): Promise<Response> =>
      user.fetch(
        '/upload/sessions',
        withKey(sending('POST', { filename: `${key}.mp4`, size: 1000, ...file })),
      )

    async function jobOf(answer: Promise<Response>): Promise<JobView> {
      const response = await answer
      assert.equal(response.status, 202)
      return (await response.json()) as JobView
    }
    async function sessionOf(answer: Promise<Response>): Promise<{ job: JobView; uploadUrl: string }> {
      const response = await answer
      assert.equal(response.status, 201)
      return (await response.json()) as { job: JobView; uploadUrl: string }
    }
    async function codeOf(answer: Promise<Response>): Promise<string> {
      return ((await (await answer).json()) as ProblemBody).code
    }
    /** Of the jobs that this key has made. */
    const ids = async (): Promise<string[]> => (await user.list(`filename=${key}`)).map(({ id }) => id)

    /** A form that has begun to come, and whose rest comes, or never does. */
    async function beginForm(): Promise<{
      answer: Promise<Response>
      id: string
      finish: () => void
      cut: () => void
    }> {
      const rest = Promise.withResolvers<undefined>()
      const aborter = new AbortController()
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield bytes
        await rest.promise
      }
      const answer = post({ ...streamedForm(`${key}.mp4`, pieces()), signal: aborter.signal })
      answer.catch(() => undefined)
      let id: string | undefined
      while (id === undefined) [id] = await ids()
      return { answer, id, finish: () => rest.resolve(undefined), cut: () => aborter.abort() }
    }

    describe('in a form', () => {
      it('makes no second job, and is answered with the one that there is, whatever has become of that', async () => {
        const { id } = await jobOf(sendForm())
        assert.equal((await jobOf(sendForm())).id, id)
        await user.failed(id)
        assert.equal((await jobOf(sendForm())).status, 'FAILED')
        assert.deepEqual(await ids(), [id])
      })

      it('makes one job where both come at the same time', async () => {
        const [one, other] = await Promise.all([jobOf(sendForm()), jobOf(sendForm())])
        assert.equal(one.id, other.id)
        assert.deepEqual(await ids(), [one.id])
      })

      it('goes through although nobody knows yet that the first one has broken off', async () => {
        const first = await beginForm()
        assert.equal((await jobOf(sendForm())).id, first.id)
        first.cut()
        await user.failed(first.id)
        // What the end of the first one takes away would be gone soon.
        await delay(100)
        assert.deepEqual(await ids(), [first.id])
      })

      it('goes through where the first one does so after it', async () => {
        const first = await beginForm()
        assert.equal((await jobOf(sendForm())).id, first.id)
        first.finish()
        assert.equal((await jobOf(first.answer)).id, first.id)
        assert.deepEqual(await ids(), [first.id])
      })

      it('is refused where the first one has broken off, of which nothing stays: another key will do', async () => {
        const first = await beginForm()
        first.cut()
        while ((await ids()).length > 0) await delay(10)
        assert.equal(await codeOf(sendForm()), 'CONFLICT')
        key = randomUUID()
        await jobOf(sendForm())
        assert.equal((await ids()).length, 1)
      })

      it('needs no place beside its own job', async () => {
        user = await signUp(new Client(server), undefined, { jobs: 1, storedBytes: 1500 })
        const first = await beginForm()
        assert.equal((await jobOf(sendForm())).id, first.id)
        first.cut()
      })

      it('is refused with another file or in another encoding', async () => {
        await jobOf(sendForm())
        assert.equal(await codeOf(sendForm('b.mp4')), 'UNPROCESSABLE')
        const form = user.form({ filename: `${key}.mp4`, bytes, fields: { bitrate: '96' } })
        assert.equal(await codeOf(post({ method: 'POST', body: form })), 'UNPROCESSABLE')
      })

      it("has nothing to do with somebody else's of the same key", async () => {
        const { id } = await jobOf(sendForm())
        user = await signUp(new Client(server))
        assert.notEqual((await jobOf(sendForm())).id, id)
      })
    })

    describe('for a session', () => {
      it('is answered with the session that there is', async () => {
        const { job, uploadUrl } = await sessionOf(openSession())
        const again = await sessionOf(openSession())
        assert.deepEqual([again.job.id, again.uploadUrl], [job.id, uploadUrl])
        assert.equal((await fetch(again.uploadUrl, { method: 'PUT', body: bytes })).status, 200)
        await user.failed(job.id)
        assert.deepEqual(await ids(), [job.id])
      })

      it('opens one where both come at the same time', async () => {
        const [one, other] = await Promise.all([sessionOf(openSession()), sessionOf(openSession())])
        assert.deepEqual([one.job.id, one.uploadUrl], [other.job.id, other.uploadUrl])
        assert.deepEqual(await ids(), [one.job.id])
      })

      it('is refused once its file is there, and for another file', async () => {
        const { job, uploadUrl } = await sessionOf(openSession())
        assert.equal(await codeOf(openSession({ size: 999 })), 'UNPROCESSABLE')
        assert.equal(await codeOf(sendForm()), 'CONFLICT')
        await fetch(uploadUrl, { method: 'PUT', body: bytes })
        await user.failed(job.id)
        assert.equal(await codeOf(openSession()), 'CONFLICT')
      })
    })
  },
)
