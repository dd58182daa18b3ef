import type { Api } from '../api/api.ts'
import { followEvents } from '../api/events.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import { isOver, type JobChange } from './job.ts'
import { emptyJobList, withChanges, withPage, type JobList } from './job-list.ts'
import { createStore, type Store } from '../store.ts'

export interface LiveState {
  list: JobList
  /** The stream of events is down; what is shown may be old. */
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
  loadMore(): Promise<void>
  /** Follows the jobs from now on, and forgets those known so far. Ends when the returned function is called. */
  start(): () => void
}

const nothingKnown: LiveState = {
  list: emptyJobList,
  isOffline: false,
  isLoadingPage: false,
}

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
    state.set({ ...rest, isLoadingPage: true })
    try {
      const page = await api.listJobs(pageToken)
      // Another account may have signed in since.
      if (signal.aborted) return
      patch({ list: withPage(state.get().list, page, pageToken === undefined), isLoadingPage: false })
    } catch (error) {
      if (!signal.aborted) patch({ error, isLoadingPage: false })
    }
  }

  return {
    state,
    apply,
    async loadMore() {
      const { list, isLoadingPage } = state.get()
      if (!isLoadingPage) await loadPage(list.next?.pageToken)
    },
    start() {
      session.abort()
      const begun = (session = new AbortController())
      state.set(nothingKnown)
      const listeners = {
        // First the stream, then the list: what happens in between is told by the stream.
        onOpen(isResumed: boolean) {
          patch({ isOffline: false })
          if (!isResumed || !state.get().list.isLoaded) void loadPage()
        },
        onJob: apply,
        onLost() {
          patch({ isOffline: true })
          // Where no stream gets through, the list may.
          if (!state.get().list.isLoaded) void loadPage()
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
