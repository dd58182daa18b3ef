import type { JobView } from '../../lib/jobs/view.ts'
import type { Api } from '../api/api.ts'
import { followEvents } from '../api/events.ts'
import { createStore, type Store } from '../store.ts'
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

export interface LiveJobs {
  state: Store<LiveState>
  /** Something that an answer of the API told about jobs. */
  apply(change: JobChange): void
  /** A job that has been deleted. */
  forget(id: string): void
  loadMore(): Promise<void>
  /** Lists other jobs. */
  ask(query: Query): void
  /** Follows the jobs from now on, and forgets those known so far. Ends when the returned function is called. */
  start(): () => void
}

const nothingKnown: LiveState = {
  list: emptyJobList,
  query: everything,
  isOffline: false,
  isLoadingPage: false,
}

const pollMilliseconds = 10_000

/** The user's jobs, kept up to date. */
export function createLiveJobs(api: Api): LiveJobs {
  const state = createStore(nothingKnown)
  let session = new AbortController()
  const patch = (change: Partial<LiveState>): void => state.set({ ...state.get(), ...change })

  function apply(change: JobChange): void {
    const { list } = state.get()
    const news = endedNow(list.jobs.get(change.id), change)
    patch({ list: withChanges(list, [change]), ...(news && { news }) })
  }

  async function loadPage(pageToken?: string): Promise<void> {
    const { signal } = session
    const { error: _, ...rest } = state.get()
    const { query, list: known } = rest
    // A list that is read again is shown meanwhile.
    const isAgain = pageToken === undefined && rest.list.isLoaded
    state.set(isAgain ? rest : { ...rest, isLoadingPage: true })
    // Another account may have signed in meanwhile, or another question been asked.
    const isStale = (): boolean => signal.aborted || state.get().query !== query
    try {
      const page = await api.listJobs(query, pageToken)
      if (isStale()) return
      const { list } = state.get()
      const ended = page.jobs.flatMap((job) => endedNow(list.jobs.get(job.id), job) ?? [])
      const [news] = ended
      // What happened while no events came: of a part of the jobs nothing can be told that way.
      const gone = pageToken === undefined && isEverything(query) ? goneBy(known, page) : []
      patch({
        list: withPage(withChanges(list, gone), page, pageToken === undefined),
        ...(!isAgain && { isLoadingPage: false }),
        ...(news && { news }),
      })
    } catch (error) {
      if (!isStale()) patch({ error, ...(!isAgain && { isLoadingPage: false }) })
    }
  }

  return {
    state,
    apply,
    forget: (id) => apply({ id, status: 'DELETED', updatedAt: new Date().toISOString() }),
    async loadMore() {
      const { list, isLoadingPage } = state.get()
      if (!isLoadingPage) await loadPage(list.next?.pageToken)
    },
    ask(query) {
      const { next: _, ...list } = state.get().list
      patch({ query, list: { ...list, isLoaded: false } })
      void loadPage()
    },
    start() {
      session.abort()
      const begun = (session = new AbortController())
      state.set(nothingKnown)
      let polling: ReturnType<typeof setInterval> | undefined
      const stopPolling = (): void => clearInterval(polling)
      begun.signal.addEventListener('abort', stopPolling)
      const listeners = {
        // First the stream, then the list: what happens in between is told by the stream.
        onOpen(isResumed: boolean) {
          stopPolling()
          polling = undefined
          const { isOffline, list } = state.get()
          patch({ isOffline: false })
          if (!isResumed || isOffline || !list.isLoaded) void loadPage()
        },
        onJob: apply,
        onLost() {
          patch({ isOffline: true })
          // Where no stream gets through, the list may.
          if (!state.get().list.isLoaded) void loadPage()
          polling ??= setInterval(() => void loadPage(), pollMilliseconds)
        },
      }
      void followEvents(api, listeners, begun.signal)
      return () => begun.abort()
    },
  }
}

/** A job that was under way and has come to its end. */
const endedNow = (before: JobView | undefined, change: JobChange): JobView | undefined =>
  before && !isOver(before) && change.status !== 'DELETED' && isOver(change) ? change : undefined
