import { errorMessage, type Api } from '../api/api.ts'
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
  error?: string
  /** The last thing that is worth being told, in words. */
  announcement: string
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
  announcement: '',
}

/** The user's jobs, kept up to date. */
export function createLiveJobs(api: Api): LiveJobs {
  const state = createStore(nothingKnown)
  let session = new AbortController()
  const patch = (change: Partial<LiveState>): void => state.set({ ...state.get(), ...change })

  function apply(change: JobChange): void {
    const { list, announcement } = state.get()
    const news = tellEnd(list.jobs.get(change.id), change)
    patch({ list: withChanges(list, [change]), announcement: news ?? announcement })
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
      if (!signal.aborted) patch({ error: errorMessage(error), isLoadingPage: false })
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

/** What to say when a job that was under way has come to its end. */
function tellEnd(before: JobView | undefined, change: JobChange): string | undefined {
  if (!before || isOver(before) || change.status === 'DELETED' || !isOver(change)) return undefined
  return change.status === 'FAILED'
    ? `${change.filename} failed: ${change.error?.message ?? 'no reason was given.'}`
    : `${change.filename} is ready.`
}
