import type { JobView } from '../../lib/jobs/view.ts'
import type { Api } from '../api/api.ts'
import { isGone } from '../api/errors.ts'
import { followEvents, type EventListeners } from '../api/events.ts'
import { createStore } from '../store.ts'
import { isOver, type JobChange } from './job.ts'
import { emptyJobList, goneBy, withChanges, withPage, type JobList } from './job-list.ts'
import { everything, isEverything, type Query } from './query.ts'

export interface LiveState {
  list: JobList
  /** Which of the jobs are listed. */
  query: Query
  /** The stream of events is down: the list is asked for now and then. */
  isOffline: boolean
  isLoadingPage: boolean
  /** Why the list could not be read. */
  error?: unknown
  /** The job that came to its end last. */
  news?: JobView
  /** The accounts' addresses by their ids: as far as they are known, where everybody's jobs are listed. */
  emails: ReadonlyMap<string, string>
}

const nothingKnown: LiveState = {
  list: emptyJobList,
  query: everything,
  isOffline: false,
  isLoadingPage: false,
  emails: new Map(),
}

const pollMilliseconds = 10_000
/** What is told within so long is taken in at once: a long list need not be copied for each. */
const gatherMilliseconds = 16
const mostPerPage = 100

/** The user's jobs, or everybody's, kept up to date. */
export class LiveJobs {
  readonly state = createStore(nothingKnown)
  readonly #api: Api
  readonly #self: () => string | undefined
  #session = new AbortController()
  /** What the server is asked for: all, once all are known. */
  #asked = everything
  #changes: JobChange[] = []
  #taking: ReturnType<typeof setTimeout> | undefined
  /** Up to where events have told. */
  #lastEventId: string | undefined
  /** The next page while it is read: two at once would read the same one. */
  #readingNext: Promise<boolean> | undefined

  /** `self`: the account that is signed in, once that is known. */
  constructor(api: Api, self: () => string | undefined) {
    this.#api = api
    this.#self = self
  }

  /** Something that an answer of the API told about jobs. */
  apply(change: JobChange): void {
    this.#changes.push(change)
    this.#taking ??= setTimeout(() => this.#takeChanges(), gatherMilliseconds)
  }

  /** A job that has been deleted. */
  forget(id: string): void {
    this.apply({ id, status: 'DELETED', updatedAt: new Date().toISOString() })
  }

  /** Whether the events tell of this job. */
  isTold = ({ owner }: JobView): boolean => this.#asked.isEverybodys || owner === this.#self()

  async loadMore(): Promise<void> {
    if (!this.state.get().isLoadingPage) await this.#loadNext()
  }

  /** Reads what is listed to its end, unless aborted, refused, or something else is listed by then. */
  async loadAll(signal: AbortSignal): Promise<void> {
    for (let isRead = true; isRead && !signal.aborted;) {
      if (!this.state.get().list.next) return
      isRead = await this.#loadNext(mostPerPage)
    }
  }

  /** Deletes a job, unless somebody else has already. */
  async delete(id: string): Promise<void> {
    await this.#api.deleteJob(id).catch((error: unknown) => {
      if (!isGone(error)) throw error
    })
    this.forget(id)
  }

  /** Has a job converted once more. */
  async retry(id: string): Promise<void> {
    try {
      this.apply(await this.#api.retryJob(id))
    } catch (error) {
      if (isGone(error)) this.forget(id)
      throw error
    }
  }

  /** Lists other jobs. */
  ask(query: Query): void {
    const { list, query: before } = this.state.get()
    if (query.isEverybodys !== before.isEverybodys) return this.#follow(query)
    this.#patch({ query })
    if (list.isWhole) return
    this.#asked = query
    const { next: _, ...known } = list
    this.#readingNext = undefined
    this.#patch({ list: { ...known, isLoaded: false }, error: undefined })
    void this.#loadPage()
  }

  /**
   * Follows the user's jobs from now on, and forgets those known so far, unless they are `known` well. Ends when the returned function
   * is called.
   */
  start(known = false): () => void {
    if (known) this.#goOn()
    else this.#follow(everything)
    return () => this.#session.abort()
  }

  #follow(query: Query): void {
    this.#asked = query
    this.#changes = []
    this.#lastEventId = undefined
    this.state.set({ ...nothingKnown, query })
    this.#followOn()
  }

  /** The same jobs, from where events had come to; where they had told nothing yet, all pages are read again. */
  #goOn(): void {
    if (this.#lastEventId === undefined) {
      const { next: _, ...list } = this.state.get().list
      this.#patch({ list: { ...list, isLoaded: false, isWhole: false } })
    }
    this.#followOn()
  }

  /** Lets what tells of what is listed begin anew. */
  #followOn(): void {
    this.#session.abort()
    const { signal } = (this.#session = new AbortController())
    const { query } = this.state.get()
    this.#readingNext = undefined
    this.#patch({ isLoadingPage: false })
    if (query.isEverybodys) void this.#learnEmails(signal)
    void followEvents(
      (lastEventId, opened) => this.#api.openEvents(query, lastEventId, opened),
      this.#listen(signal),
      signal,
      this.#lastEventId,
    )
  }

  #listen(signal: AbortSignal): EventListeners {
    let polling: ReturnType<typeof setInterval> | undefined
    const stopPolling = (): void => clearInterval(polling)
    signal.addEventListener('abort', stopPolling)
    return {
      // First the stream, then the list: what happens in between is told by the stream.
      onOpen: (isResumed) => {
        stopPolling()
        polling = undefined
        const { isOffline, list } = this.state.get()
        this.#patch({ isOffline: false })
        if (!isResumed || isOffline || !list.isLoaded) void this.#loadPage()
      },
      onJob: (change, id) => {
        // A stream that was left may still have something to say.
        if (signal.aborted) return
        this.#lastEventId = id ?? this.#lastEventId
        this.apply(change)
      },
      onLost: () => {
        this.#patch({ isOffline: true })
        // Where no stream gets through, the list may.
        if (!this.state.get().list.isLoaded) void this.#loadPage()
        polling ??= setInterval(() => void this.#loadPage(), pollMilliseconds)
      },
    }
  }

  #loadNext(limit?: number): Promise<boolean> {
    const reading = (this.#readingNext ??= this.#loadPage(
      this.state.get().list.next?.pageToken,
      limit,
    ).finally(() => {
      if (this.#readingNext === reading) this.#readingNext = undefined
    }))
    return reading
  }

  /** Whether that has worked, and is still what is wanted. */
  async #loadPage(pageToken?: string, limit?: number): Promise<boolean> {
    const { signal } = this.#session
    const asked = this.#asked
    const { list: known } = this.state.get()
    // A list that is read again is shown meanwhile.
    const isAgain = pageToken === undefined && known.isLoaded
    if (!isAgain) this.#patch({ isLoadingPage: true })
    // Another account may have signed in meanwhile, or another question been asked.
    const isStale = (): boolean => signal.aborted || this.#asked !== asked
    try {
      const page = await this.#api.listJobs(asked, { pageToken, limit, signal })
      if (isStale()) return false
      this.#takeChanges()
      const { list } = this.state.get()
      const news = this.#newsOf(list, page.jobs)
      // What happened while no events came: of a part of the jobs nothing can be told that way.
      const hasToBeThere = pageToken === undefined && isEverything(asked)
      const gone = hasToBeThere ? goneBy([...known.jobs.values()].filter(this.isTold), page) : []
      const read = withPage(withChanges(list, gone), page, pageToken === undefined)
      this.#patch({
        list: { ...read, isWhole: read.next === undefined && isEverything(asked) },
        // Not before: in an outage it would come and go with each try.
        error: undefined,
        ...(!isAgain && { isLoadingPage: false }),
        ...(news && { news }),
      })
      return true
    } catch (error) {
      if (!isStale()) this.#patch({ error, ...(!isAgain && { isLoadingPage: false }) })
      return false
    }
  }

  #takeChanges(): void {
    clearTimeout(this.#taking)
    this.#taking = undefined
    const changes = this.#changes
    if (changes.length === 0) return
    this.#changes = []
    const { list } = this.state.get()
    const news = this.#newsOf(list, changes)
    this.#patch({ list: withChanges(list, changes), ...(news && { news }) })
  }

  /** Of the user's own jobs, one that was under way and has come to its end. */
  #newsOf({ jobs }: JobList, changes: readonly JobChange[]): JobView | undefined {
    const self = this.#self()
    const hasEnded = (change: JobChange): change is JobView => {
      const before = jobs.get(change.id)
      if (!before || before.owner !== self || isOver(before)) return false
      return change.status !== 'DELETED' && isOver(change)
    }
    return changes.find(hasEnded)
  }

  async #learnEmails(signal: AbortSignal): Promise<void> {
    // Without them the ids have to do.
    const users = await this.#api.users().catch(() => [])
    if (!signal.aborted) this.#patch({ emails: new Map(users.map(({ id, email }) => [id, email])) })
  }

  #patch(change: Partial<LiveState>): void {
    this.state.set({ ...this.state.get(), ...change })
  }
}
