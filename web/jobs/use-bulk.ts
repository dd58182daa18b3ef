import { useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { ApiError } from '../api/errors.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { forEach, type BulkResult } from './bulk.ts'

type BulkAction = 'delete' | 'retry'

/** Something that is being done with many jobs. */
export interface Running {
  action: BulkAction
  count: number
  total: number
  stop: () => void
}

export interface Bulk {
  running?: Running | undefined
  /** What became of the last time. */
  result?: BulkResult<JobView> | undefined
  run: (action: BulkAction, chosen: readonly JobView[]) => void
}

/** Does something with many jobs. `onDone` is told those that it has worked for: the others stay selected, to be tried again. */
export function useBulk({ api, jobs }: Tapedeck, onDone: (done: readonly JobView[]) => void): Bulk {
  const [running, setRunning] = useState<Running>()
  const [result, setResult] = useState<BulkResult<JobView>>()

  const actions: Record<BulkAction, (id: string) => Promise<void>> = {
    retry: async (id) => jobs.apply(await api.retryJob(id)),
    async delete(id) {
      await api.deleteJob(id).catch((error: unknown) => {
        if (!(error instanceof ApiError && error.status === 404)) throw error
      })
      jobs.forget(id)
    },
  }

  async function run(action: BulkAction, chosen: readonly JobView[]): Promise<void> {
    const stopping = new AbortController()
    const tell = (count: number): void =>
      setRunning({ action, count, total: chosen.length, stop: () => stopping.abort() })
    tell(0)
    setResult(undefined)
    const ended = await forEach(chosen, ({ id }) => actions[action](id), {
      signal: stopping.signal,
      onProgress: tell,
    })
    setResult(ended)
    setRunning(undefined)
    onDone(ended.done)
  }
  return { running, result, run: (action, chosen) => void run(action, chosen) }
}
