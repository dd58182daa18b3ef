import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { JobView } from '../../lib/jobs/view.ts'
import { ApiError } from '../../web/api/errors.ts'
import type { JobChange } from '../../web/jobs/job.ts'
import type { JobList } from '../../web/jobs/job-list.ts'
import { everything, type Query } from '../../web/jobs/query.ts'
import { at, listedJob } from './listed-job.ts'

interface LiveState {
  list: JobList
  query: Query
  isOffline: boolean
  isLoadingPage: boolean
  error?: unknown
  news?: JobView
  emails: ReadonlyMap<string, string>
}

/** Its public part. A compiler that followed the import would take the browser's types for Node's, in all tests. */
interface LiveJobs {
  state: { get(): LiveState; subscribe(listener: () => void): void }
  start(known?: boolean): () => void
  delete(id: string): Promise<void>
  retry(id: string): Promise<void>
  apply(change: JobChange): void
  forget(id: string): void
  ask(query: Query): void
  loadMore(): Promise<void>
  loadAll(signal: AbortSignal): Promise<void>
  isTold(job: JobView): boolean
}
const path = new URL('../../web/jobs/live-jobs.ts', import.meta.url).href
const { LiveJobs } = (await import(path)) as {
  LiveJobs: new (api: unknown, self: () => string) => LiveJobs
}

interface JobPage {
  jobs: JobView[]
  nextPageToken?: string
}

const job = (id: number, change?: Partial<JobView>): JobView => listedJob(String(id), id, change)

interface Asked {
  query: Query
  pageToken: string | undefined
}

// A browser's window, which says when the network is back.
const window = new EventTarget()
Object.assign(globalThis, {
  addEventListener: window.addEventListener.bind(window),
  removeEventListener: window.removeEventListener.bind(window),
})

describe("The page's jobs", { timeout: 20_000 }, () => {
  /** The jobs of a server with pages of ten, whose stream tells this, or cannot be opened. */
  function follow(all: JobView[], hasStream = true, tells: [id: string, change: JobChange][] = []) {
    const asked: Asked[] = []
    const streams: Query[] = []
    const server = { isDown: false }
    const resumed: (string | undefined)[] = []
    const gone = async (): Promise<never> => {
      throw new ApiError(404, 'NOT_FOUND', 'There is no such job.')
    }
    const api = {
      async listJobs(query: Query, { pageToken = '0' }: { pageToken?: string }): Promise<JobPage> {
        asked.push({ query, pageToken })
        if (server.isDown) throw new ApiError(503, 'UNAVAILABLE', 'Not now.')
        const end = Number(pageToken) + 10
        return {
          jobs: all.slice(Number(pageToken), end),
          ...(end < all.length && { nextPageToken: String(end) }),
        }
      },
      deleteJob: gone,
      retryJob: gone,
      async openEvents(query: Query, id: string | undefined, signal: AbortSignal): Promise<Response> {
        streams.push(query)
        resumed.push(id)
        if (!hasStream) throw new ApiError(0, 'NO_ANSWER', 'No answer.')
        return new Response(
          new ReadableStream({
            start(controller) {
              for (const [eventId, change] of tells)
                controller.enqueue(
                  new TextEncoder().encode(`event: job\nid: ${eventId}\ndata: ${JSON.stringify(change)}\n\n`),
                )
              signal.addEventListener('abort', () => controller.error(signal.reason))
            },
          }),
        )
      },
      users: async () => [{ id: 'you', email: 'you@example.com' }],
    }
    const jobs = new LiveJobs(api, () => 'me')
    const stop = jobs.start()
    return { jobs, asked, streams, resumed, server, [Symbol.dispose]: stop }
  }

  async function until(jobs: LiveJobs, wanted: (state: LiveState) => boolean): Promise<LiveState> {
    while (!wanted(jobs.state.get())) await setImmediate()
    return jobs.state.get()
  }
  const isLoaded = ({ list, isLoadingPage }: LiveState): boolean => list.isLoaded && !isLoadingPage
  const many = Array.from({ length: 35 }, (_, index) => job(35 - index))

  it('change once for all that is told at the same time', async () => {
    using followed = follow([job(1), job(2)])
    const { jobs } = followed
    await until(jobs, isLoaded)
    let changes = 0
    jobs.state.subscribe(() => (changes += 1))
    for (let count = 0; count < 100; count++)
      jobs.apply(job(1, { progress: count / 100, updatedAt: at(count + 2) }))
    jobs.forget('2')
    const { list } = await until(jobs, ({ list: { deleted } }) => deleted.has('2'))
    assert.equal(list.jobs.get('1')?.progress, 0.99)
    assert.equal(changes, 1)
  })

  it('tell which of their owner’s has come to its end, and nobody else’s', async () => {
    using followed = follow([job(1), job(2, { owner: 'you' })])
    const { jobs } = followed
    await until(jobs, isLoaded)
    jobs.apply(job(2, { owner: 'you', status: 'MP3_COMPLETED', updatedAt: at(9) }))
    const { news } = await until(jobs, ({ list }) => list.jobs.get('2')?.status === 'MP3_COMPLETED')
    assert.equal(news, undefined)
    jobs.apply(job(1, { status: 'MP3_COMPLETED', updatedAt: at(9) }))
    assert.equal((await until(jobs, (state) => state.news !== undefined)).news?.id, '1')
  })

  it('are asked for no more once all are known, whichever of them are wanted', async () => {
    using followed = follow(many.slice(0, 10))
    const { jobs, asked } = followed
    assert.ok((await until(jobs, isLoaded)).list.isWhole)
    jobs.ask({ ...everything, filename: '3' })
    assert.ok(isLoaded(jobs.state.get()))
    assert.equal(jobs.state.get().query.filename, '3')
    assert.equal(asked.length, 1)
  })

  it('are asked for as long as only a part is known', async () => {
    using followed = follow(many)
    const { jobs, asked } = followed
    await until(jobs, isLoaded)
    jobs.ask({ ...everything, filename: '3' })
    assert.ok(!(await until(jobs, isLoaded)).list.isWhole)
    assert.deepEqual(
      asked.map(({ query }) => query.filename),
      ['', '3'],
    )
  })

  it('can be read to their end, or until one has had enough', async () => {
    using followed = follow(many)
    const { jobs, asked } = followed
    await until(jobs, isLoaded)
    const stopping = new AbortController()
    jobs.state.subscribe(() => {
      if (jobs.state.get().list.jobs.size === 20) stopping.abort()
    })
    await jobs.loadAll(stopping.signal)
    assert.equal(jobs.state.get().list.jobs.size, 20)
    await jobs.loadAll(new AbortController().signal)
    const { list } = jobs.state.get()
    assert.ok(list.isWhole && list.jobs.size === many.length)
    assert.deepEqual(
      asked.map(({ pageToken }) => pageToken),
      ['0', '10', '20', '30'],
    )
  })

  it('are read a page at a time, whoever else wants the next one', async () => {
    using followed = follow(many)
    const { jobs, asked } = followed
    await until(jobs, isLoaded)
    await Promise.all([jobs.loadMore(), jobs.loadAll(new AbortController().signal)])
    assert.deepEqual(
      asked.map(({ pageToken }) => pageToken),
      ['0', '10', '20', '30'],
    )
  })

  it('go on from where events had come to, once the same account has signed in again', async () => {
    const change = job(1, { progress: 0.5, updatedAt: at(60) })
    using followed = follow(many, true, [[change.updatedAt, change]])
    const { jobs, resumed } = followed
    await until(jobs, (state) => isLoaded(state) && state.list.jobs.get('1')?.progress === 0.5)
    using _ = { [Symbol.dispose]: jobs.start(true) }
    assert.deepEqual(resumed, [undefined, change.updatedAt])
    assert.ok(jobs.state.get().list.jobs.has('35'))
  })

  it('are all read again then where events had told nothing yet', async () => {
    using followed = follow(many)
    const { jobs, asked } = followed
    await until(jobs, isLoaded)
    await jobs.loadAll(new AbortController().signal)
    using _ = { [Symbol.dispose]: jobs.start(true) }
    const { list } = await until(jobs, isLoaded)
    assert.ok(list.next && !list.isWhole)
    assert.equal(asked.at(-1)?.pageToken, '0')
  })

  it('that somebody else has deleted are gone, whatever was to be done with them', async () => {
    using followed = follow([job(1), job(2)])
    const { jobs } = followed
    await until(jobs, isLoaded)
    await jobs.delete('1')
    await assert.rejects(jobs.retry('2'), { status: 404 })
    await until(jobs, ({ list }) => list.jobs.size === 0)
  })

  it('say why they cannot be read until they can', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] })
    using followed = follow([job(1)], false)
    const { jobs, server, asked } = followed
    server.isDown = true
    while (!jobs.state.get().isOffline) {
      t.mock.timers.tick(1000)
      await setImmediate()
    }
    const first = (await until(jobs, ({ error }) => error !== undefined)).error
    const told: unknown[] = []
    jobs.state.subscribe(() => told.push(jobs.state.get().error !== undefined))
    const before = asked.length
    for (let poll = 0; poll < 3; poll++) {
      t.mock.timers.tick(10_000)
      for (let turn = 0; turn < 10; turn++) await setImmediate()
    }
    assert.ok(asked.length >= before + 3)
    assert.ok(first !== undefined && told.length > 0 && !told.includes(false))
    server.isDown = false
    t.mock.timers.tick(10_000)
    await until(jobs, ({ error, list }) => error === undefined && list.isLoaded)
  })

  it('are one’s own at first, and everybody’s once an administrator wants that, with their addresses', async () => {
    using followed = follow([job(1)])
    const { jobs, asked, streams } = followed
    await until(jobs, isLoaded)
    jobs.ask({ ...everything, isEverybodys: true })
    assert.equal(jobs.state.get().list.jobs.size, 0)
    const { emails } = await until(jobs, (state) => isLoaded(state) && state.emails.size > 0)
    assert.equal(emails.get('you'), 'you@example.com')
    for (const queries of [streams, asked.map(({ query }) => query)])
      assert.deepEqual(
        queries.map(({ isEverybodys }) => isEverybodys),
        [false, true],
      )
  })

  it('stay known, those of others, where a page of one’s own does not have them', async () => {
    using followed = follow([job(1)], false)
    const { jobs } = followed
    await until(jobs, isLoaded)
    jobs.apply(job(2, { owner: 'you' }))
    await until(jobs, ({ list }) => list.jobs.has('2'))
    await jobs.loadMore()
    assert.ok(jobs.state.get().list.jobs.has('2'))
    assert.ok(!jobs.isTold(job(2, { owner: 'you' })))
  })
})
