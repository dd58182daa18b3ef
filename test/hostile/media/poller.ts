import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Polled } from './poll.ts'

export interface Poller {
  /** Ends it, and tells what the answers were and how long the slowest took. */
  stop(): Promise<Polled>
}

/** Asks a server for its jobs, five times a second, until it is stopped: in a thread of its own, lest it wait for what goes on here. */
export function pollStatus({ apiUrl, token }: { apiUrl: string; token: string }): Poller {
  const worker = new Worker(new URL('poll.ts', import.meta.url), { workerData: { apiUrl, token } })
  return {
    async stop() {
      // A thread has no origin.
      // oxlint-disable-next-line unicorn/require-post-message-target-origin
      worker.postMessage('stop')
      const [polled] = (await once(worker, 'message')) as [Polled]
      await worker.terminate()
      return polled
    },
  }
}
