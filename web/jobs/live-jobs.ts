import type { JobView } from '../../lib/jobs/view.ts'
import type { Api } from '../api/api.ts'
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
}

const nothingKnown: LiveState = {
  list: emptyJobList,
  query: everything,
  isOffline: false,
  isLoadingPage: false,
}

const pollMilliseconds = 10_000

/** The user's jobs, kept up to date. */
export class LiveJobs {
  readonly state = createStore(nothingKnown)
  readonly #api: Api
  #session = new AbortController()

  constructor(api: Api) {
    this.#api = api
  }

  /** Something that an answer of the API told about jobs. */
  apply(change: JobChange): void {
    const { list } = this.state.get()
    const news = endedNow(list.jobs.get(change.id), change)
    this.#patch({ list: withChanges(list, [change]), ...(news && { news }) })
  }

  /** A job that has been deleted. */
  forget(id: string): void {
    this.apply({ id, status: 'DELETED', updatedAt: new Date().toISOString() })
  }

  async loadMore(): Promise<void> {
    const { list, isLoadingPage } = this.state.get()
    if (!isLoadingPage) await this.#loadPage(list.next?.pageToken)
  }

  /** Lists other jobs. */
  ask(query: Query): void {
    const { next: _, ...list } = this.state.get().list
    this.#patch({ query, list: { ...list, isLoaded: false } })
    void this.#loadPage()
  }

  /** Follows the jobs from now on, and forgets those known so far, unless they are `known` well. Ends when the returned function is called. */
  start(known = false): () => void {
    this.#session.abort()
    const begun = (this.#session = new AbortController())
    this.state.set(known ? { ...this.state.get(), isLoadingPage: false } : nothingKnown)
    void followEvents(this.#api, this.#listen(begun.signal), begun.signal)
    return () => begun.abort()
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
      onJob: (change) => this.apply(change),
      onLost: () => {
        this.#patch({ isOffline: true })
        // Where no stream gets through, the list may.
        if (!this.state.get().list.isLoaded) void this.#loadPage()
        polling ??= setInterval(() => void this.#loadPage(), pollMilliseconds)
      },
    }
  }

  async #loadPage(pageToken?: string): Promise<void> {
    const { signal } = this.#session
    const { error: _, ...rest } = this.state.get()
    const { query, list: known } = rest
    // A list that is read again is shown meanwhile.
    const isAgain = pageToken === undefined && rest.list.isLoaded
    this.state.set(isAgain ? rest : { ...rest, isLoadingPage: true })
    // Another account may have signed in meanwhile, or another question been asked.
    const isStale = (): boolean => signal.aborted || this.state.get().query !== query
    try {
      const page = await this.#api.listJobs(query, pageToken)
      if (isStale()) return
      const { list } = this.state.get()
      const [news] = page.jobs.flatMap((job) => endedNow(list.jobs.get(job.id), job) ?? [])
      // What happened while no events came: of a part of the jobs nothing can be told that way.
      const gone = pageToken === undefined && isEverything(query) ? goneBy(known, page) : []
      this.#patch({
        list: withPage(withChanges(list, gone), page, pageToken === undefined),
        ...(!isAgain && { isLoadingPage: false }),
        ...(news && { news }),
      })
    } catch (error) {
      if (!isStale()) this.#patch({ error, ...(!isAgain && { isLoadingPage: false }) })
    }
  }

  #patch(change: Partial<LiveState>): void {
    this.state.set({ ...this.state.get(), ...change })
  }
}

/** A job that was under way and has come to its end. */
const endedNow = (before: JobView | undefined, change: JobChange): JobView | undefined =>
  before && !isOver(before) && change.status !== 'DELETED' && isOver(change) ? change : undefined
