import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { signUp, type User } from '../accounts.ts'
import { Client, sending, type JobView, type ProblemBody } from '../client.ts'
import { streamedForm } from '../form.ts'
import { makeVideo } from '../media.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'

interface Me {
  id: string
  quota: Record<string, number>
  usage: { storedBytes: number; jobs: number }
}

interface Refusal {
  status: number
  code: string
  detail: string
  retryAfter: string | null
}

const kilobyte = 1000
const defaults = { storedBytes: 500 * kilobyte, jobs: 5, fileBytes: 200 * kilobyte }

describe('Quotas', { skip: unavailable, timeout: 120_000 }, () => {
  let server: TestServer
  let admin: Client
  before(async () => {
    server = await startServer({
      env: {
        QUOTA_STORED_BYTES: String(defaults.storedBytes),
        QUOTA_JOBS: String(defaults.jobs),
        QUOTA_FILE_BYTES: String(defaults.fileBytes),
      },
    })
    admin = new Client(server)
  })
  after(() => server.stop())

  /** A user with these limits of their own. */
  const newUser = (quota?: Record<string, unknown>): Promise<User> => signUp(admin, undefined, quota)

  const me = (user: Client): Promise<Me> => user.json<Me>('/auth/me')

  /** No video: its job is over at once. */
  const junk = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(size)

  type Way = (user: Client, size: number) => Promise<Response>
  const openSession: Way = (user, size) =>
    user.fetch('/upload/sessions', sending('POST', { filename: 'a.mp4', size }))
  const sendForm: Way = (user, size) =>
    user.fetch('/upload', { method: 'POST', body: user.form({ filename: 'a.mp4', bytes: junk(size) }) })
  const sendChunked: Way = (user, size) => user.fetch('/upload', streamedForm('a.mp4', [junk(size)]))

  /** Sends the head of a form with a body of this length, and `more` header lines, and no byte of the body. */
  function beginForm(user: Client, length: number, more = ''): Socket {
    const { hostname, port } = new URL(server.apiUrl)
    const socket = connect(Number(port), hostname)
    socket.write(
      `POST /upload HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${user.token}\r\n` +
        `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n${more}\r\n`,
    )
    return socket
  }

  const ways: Record<string, Way> = {
    'by a session': openSession,
    'by a form': sendForm,
    'by a form of unknown length': sendChunked,
  }

  async function admitted(answer: Promise<Response>): Promise<JobView> {
    const response = await answer
    const body = (await response.json()) as JobView | { job: JobView }
    assert.ok(response.ok, JSON.stringify(body))
    return 'job' in body ? body.job : body
  }

  async function refused(answer: Promise<Response>): Promise<Refusal> {
    const response = await answer
    const { code, detail } = (await response.json()) as ProblemBody
    return { status: response.status, code, detail, retryAfter: response.headers.get('retry-after') }
  }

  const remove = async (user: Client, id: string): Promise<void> =>
    assert.equal((await user.fetch(`/status/${id}`, { method: 'DELETE' })).status, 204)

  for (const [how, upload] of Object.entries(ways)) {
    describe(`An upload ${how}`, () => {
      it('may have exactly as many bytes as a file may have, and not one more', async () => {
        const user = await newUser()
        const { id } = await admitted(upload(user, defaults.fileBytes))
        const { status, code, detail } = await refused(upload(user, defaults.fileBytes + 1))
        assert.deepEqual([status, code], [413, 'FILE_TOO_LARGE'])
        assert.match(detail, /200,001 bytes; your account may upload files of at most 200,000 bytes\.$/)
        assert.deepEqual(
          (await user.list()).map((job) => job.id),
          [id],
        )
      })

      it('may fill up exactly what is left, and not take one byte more', async () => {
        const user = await newUser({ storedBytes: 150 * kilobyte })
        await user.failed((await user.upload({ filename: 'first.mp4', bytes: junk(100 * kilobyte) })).id)
        const { status, code, detail } = await refused(upload(user, 50 * kilobyte + 1))
        assert.deepEqual([status, code], [403, 'STORAGE_QUOTA_EXCEEDED'])
        assert.match(detail, /^You have stored 100 kB of 150 kB; this video needs .*50 kB more\. Delete/)
        assert.equal((await me(user)).usage.storedBytes, 100 * kilobyte)
        await admitted(upload(user, 50 * kilobyte))
        assert.equal((await me(user)).usage.storedBytes, 150 * kilobyte)
      })

      it('needs a place among the jobs at once', async () => {
        const user = await newUser({ jobs: 1 })
        const { id } = await admitted(openSession(user, 1))
        const { status, code, detail, retryAfter } = await refused(upload(user, 1))
        assert.deepEqual([status, code], [429, 'TOO_MANY_JOBS'])
        assert.match(detail, /^This account has 1 unfinished job, and may have 1 at once\./)
        assert.match(retryAfter ?? '', /^[1-9]\d*$/)
        await remove(user, id)
        await admitted(upload(user, 1))
      })

      it('that is refused leaves neither a job nor an object', async () => {
        const user = await newUser()
        const before = await server.countStored()
        assert.equal((await refused(upload(user, defaults.fileBytes + 1))).code, 'FILE_TOO_LARGE')
        assert.deepEqual(await user.list(), [])
        while ((await server.countStored()) > before) await delay(10)
      })
    })
  }

  describe('A form is refused before its body is sent', () => {
    /** Sends the head of a form, and no byte of its body; the answer's status line and body. */
    async function sendHead(user: Client, length: number, more = ''): Promise<string> {
      const socket = beginForm(user, length, more)
      let text = ''
      for await (const chunk of socket.setEncoding('utf8') as AsyncIterable<string>) {
        text += chunk
        if (text.includes('"detail"')) break
      }
      return text
    }

    it('where it is too large', async () => {
      const user = await newUser()
      assert.match(await sendHead(user, 10 * kilobyte * kilobyte), /^HTTP\/1\.1 413 [^]*"FILE_TOO_LARGE"/)
      const expecting = await sendHead(user, 10 * kilobyte * kilobyte, 'Expect: 100-continue\r\n')
      assert.match(expecting, /HTTP\/1\.1 413 [^]*"FILE_TOO_LARGE"/)
    })

    it('where there is no room', async () => {
      const user = await newUser({ storedBytes: 50 * kilobyte })
      assert.match(await sendHead(user, 100 * kilobyte), /^HTTP\/1\.1 403 [^]*"STORAGE_QUOTA_EXCEEDED"/)
    })

    it('where there is no place', async () => {
      const user = await newUser({ jobs: 1 })
      await admitted(openSession(user, 1))
      assert.match(await sendHead(user, 100), /^HTTP\/1\.1 429 [^]*"TOO_MANY_JOBS"/)
    })
  })

  describe('Uploads that come at once', () => {
    const outcomes = async (user: Client, size: number): Promise<Record<string, number>> => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => openSession(user, size)))
      const counts: Record<string, number> = {}
      for (const answer of answers) {
        const { code = 'admitted' } = (await answer.json()) as { code?: string }
        counts[code] = (counts[code] ?? 0) + 1
      }
      return counts
    }

    it('get as many places as there are: five of twenty', async () => {
      const user = await newUser()
      assert.deepEqual(await outcomes(user, 1), { admitted: 5, TOO_MANY_JOBS: 15 })
      assert.deepEqual((await me(user)).usage, { storedBytes: 5, jobs: 5 })
    })

    it('get as much room as there is: for five of twenty', async () => {
      const user = await newUser({ storedBytes: 599, jobs: 'unlimited' })
      assert.deepEqual(await outcomes(user, 100), { admitted: 5, STORAGE_QUOTA_EXCEEDED: 15 })
      assert.equal((await me(user)).usage.storedBytes, 500)
    })

    it('take each other’s room into account, also where a length is not known before the end', async () => {
      const user = await newUser({ storedBytes: 100 * kilobyte })
      async function* pieces(): AsyncGenerator<Uint8Array> {
        yield junk(60 * kilobyte)
        while ((await user.list()).length === 0) await delay(10)
        await admitted(openSession(user, 50 * kilobyte))
      }
      assert.equal(
        (await refused(user.fetch('/upload', streamedForm('a.mp4', pieces())))).code,
        'STORAGE_QUOTA_EXCEEDED',
      )
      assert.deepEqual((await me(user)).usage, { storedBytes: 50 * kilobyte, jobs: 1 })
      assert.equal((await user.list()).length, 1)
    })

    it('reserve what they may become, while a form is on its way', async () => {
      const user = await newUser({ storedBytes: 100 * kilobyte })
      const socket = beginForm(user, 60 * kilobyte)
      socket.on('error', () => undefined)
      socket.write('--b\r\nContent-Disposition: form-data; name="file"; filename="slow.mp4"\r\n\r\nbytes')
      while ((await user.list()).length === 0) await delay(10)
      assert.equal((await refused(openSession(user, 50 * kilobyte))).code, 'STORAGE_QUOTA_EXCEEDED')
      socket.destroy()
      while ((await user.list()).length > 0) await delay(10)
      await admitted(openSession(user, 50 * kilobyte))
    })
  })

  describe('What is used', () => {
    it('counts video and MP3, and is free at once when the job is deleted', async () => {
      const video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
      const user = await newUser({ jobs: 1, fileBytes: 'unlimited' })
      const { id } = await user.upload({ filename: 'a.mp4', bytes: video })
      const { target } = await user.completed(id)
      assert.ok(target)
      assert.deepEqual((await me(user)).usage, { storedBytes: video.length + target.size, jobs: 0 })
      const other = await user.upload({ filename: 'b.mp4', bytes: video })
      await user.completed(other.id)
      for (const done of [id, other.id]) await remove(user, done)
      assert.deepEqual((await me(user)).usage, { storedBytes: 0, jobs: 0 })
    })

    it('is nobody else’s', async () => {
      const [one, other] = [await newUser({ jobs: 1 }), await newUser({ jobs: 1 })]
      await admitted(openSession(one, 1))
      assert.deepEqual((await me(other)).usage, { storedBytes: 0, jobs: 0 })
      await admitted(openSession(other, 1))
    })

    it('has to leave a place for a retry', async () => {
      const user = await newUser({ jobs: 1 })
      const failed = await user.failed((await user.upload({ filename: 'no.mp4', bytes: junk(10) })).id)
      const { id } = await admitted(openSession(user, 1))
      const retry = (by: Client): Promise<Response> =>
        by.fetch(`/status/${failed.id}/retry`, { method: 'POST' })
      for (const by of [user, admin]) {
        const { status, code, retryAfter } = await refused(retry(by))
        assert.deepEqual([status, code], [429, 'TOO_MANY_JOBS'])
        assert.match(retryAfter ?? '', /^[1-9]\d*$/)
      }
      assert.equal((await user.job(failed.id)).status, 'FAILED')
      await remove(user, id)
      assert.equal((await retry(user)).status, 202)
    })
  })

  describe('The limits of an account', () => {
    it('are the default ones at first', async () => {
      const user = await newUser()
      assert.deepEqual((await me(user)).quota, defaults)
    })

    it('are those that an administrator sets: one by one, none at all, or the default again', async () => {
      const user = await newUser()
      const change = async (quota: Record<string, unknown>): Promise<[own: unknown, holding: unknown]> => {
        const account = await admin.json<{ quota?: unknown }>(
          `/auth/users/${user.id}`,
          sending('PATCH', { quota }),
        )
        return [account.quota, (await me(user)).quota]
      }
      const { storedBytes, jobs, fileBytes } = defaults
      assert.deepEqual(await change({ jobs: 9 }), [{ jobs: 9 }, { storedBytes, fileBytes, jobs: 9 }])
      assert.deepEqual(await change({ fileBytes: 'unlimited' }), [
        { jobs: 9, fileBytes: 'unlimited' },
        { storedBytes, jobs: 9 },
      ])
      assert.deepEqual(await change({ jobs: null }), [{ fileBytes: 'unlimited' }, { storedBytes, jobs }])
      assert.deepEqual(await change({ fileBytes: null }), [undefined, defaults])
    })

    it('make room as soon as they are raised', async () => {
      const user = await newUser({ storedBytes: 100 })
      assert.equal((await refused(openSession(user, 101))).code, 'STORAGE_QUOTA_EXCEEDED')
      await admin.json(`/auth/users/${user.id}`, sending('PATCH', { quota: { storedBytes: 101 } }))
      await admitted(openSession(user, 101))
    })

    it('can be set together with disabling it, and tell their tokens nothing when alone', async () => {
      const user = await newUser()
      await admin.json(`/auth/users/${user.id}`, sending('PATCH', { quota: { jobs: 2 } }))
      await me(user)
      const change = { disabled: true, quota: { jobs: 3 } }
      const account = await admin.json(`/auth/users/${user.id}`, sending('PATCH', change))
      assert.partialDeepStrictEqual(account, change)
      assert.equal((await user.problem('/auth/me')).code, 'TOKEN_INVALID')
    })

    it('have every mistake named', async () => {
      const { id } = await newUser()
      for (const [body, field] of [
        [{}, 'body'],
        [{ quota: { jobs: 0 } }, 'quota.jobs'],
        [{ quota: { jobs: '5' } }, 'quota.jobs'],
        [{ quota: { fileBytes: 1.5 } }, 'quota.fileBytes'],
        [{ quota: { storedBytes: -1 } }, 'quota.storedBytes'],
        [{ quota: { bytes: 5 } }, 'quota'],
      ] as const) {
        const problem = await admin.problem(`/auth/users/${id}`, sending('PATCH', body))
        assert.equal(problem.code, 'UNPROCESSABLE')
        assert.deepEqual(
          problem.errors?.map((error) => error.field),
          [field],
        )
      }
    })
  })
})

describe('Without quotas', { skip: unavailable, timeout: 180_000 }, () => {
  let server: TestServer
  before(async () => {
    server = await startServer()
  })
  after(() => server.stop())

  it('nobody has limits, and usage is told all the same', async () => {
    const admin = new Client(server)
    await admin.upload({ filename: 'a.mp4', bytes: new Uint8Array(1000) })
    const { quota, usage } = await admin.json<Me>('/auth/me')
    assert.deepEqual(quota, {})
    assert.equal(usage.storedBytes, 1000)
  })
})
