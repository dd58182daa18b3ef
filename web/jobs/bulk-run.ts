import type { JobView } from '../../lib/jobs/view.ts'
import { createStore } from '../store.ts'
import { forEach, type BulkResult } from './bulk.ts'
import type { LiveJobs } from './live-jobs.ts'

export type BulkAction = 'delete' | 'retry'

export interface BulkState {
  running?: { action: BulkAction; count: number; total: number }
  /** What became of the last time. */
  result?: BulkResult<JobView>
}

/** Something that is done with many jobs, wherever on the page one is meanwhile. */
export class BulkRun {
  readonly state = createStore<BulkState>({})
  readonly #jobs: LiveJobs
  #stopping = new AbortController()

  constructor(jobs: LiveJobs) {
    this.#jobs = jobs
  }

  async run(action: BulkAction, chosen: readonly JobView[]): Promise<void> {
    this.stop()
    const { signal } = (this.#stopping = new AbortController())
    const tell = (count: number): void => {
      if (!signal.aborted) this.state.set({ running: { action, count, total: chosen.length } })
    }
    tell(0)
    const result = await forEach(chosen, ({ id }) => this.#jobs[action](id), { signal, onProgress: tell })
    // Whoever has left wants to see nothing of it.
    if (this.#stopping.signal === signal) this.state.set({ result })
  }

  /** Begins with no further job. */
  stop(): void {
    this.#stopping.abort()
  }

  /** Somebody has signed out. */
  leave(): void {
    this.#stopping.abort()
    this.#stopping = new AbortController()
    this.state.set({})
  }
}
