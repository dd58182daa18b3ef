import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '../../client.ts'

export interface Poller {
  /** Ends it, and tells what the answers were and how long the slowest took. */
  stop(): Promise<{ answers: Map<string, number>; slowestMs: number }>
}

/** Asks a server for its jobs, five times a second, until it is stopped. */
export function pollStatus(client: Client): Poller {
  const answers = new Map<string, number>()
  let slowestMs = 0
  const stop = new AbortController()
  const polling = (async () => {
    while (!stop.signal.aborted) {
      const begun = performance.now()
      const answer = await client.fetch('/status?limit=1').then(
        async (response) => {
          await response.arrayBuffer()
          return String(response.status)
        },
        (error: unknown) => String(error),
      )
      slowestMs = Math.max(slowestMs, performance.now() - begun)
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      await delay(200, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return {
    async stop() {
      stop.abort()
      await polling
      return { answers, slowestMs }
    },
  }
}
