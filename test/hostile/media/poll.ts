import { setTimeout as delay } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Client } from '../../client.ts'

// The thread behind poller.ts.

export interface Polled {
  /** How often each answer came. */
  answers: Map<string, number>
  /** Without what this thread itself was kept waiting meanwhile, as by a machine that is busy with other things. */
  slowestMs: number
}

const client = new Client(workerData as { apiUrl: string; token: string })
const polled: Polled = { answers: new Map(), slowestMs: 0 }
const stop = new AbortController()
parentPort?.once('message', () => stop.abort())

// How much later than asked for this thread was woken, in all.
const tickMs = 20
let lateMs = 0
let before = performance.now()
setInterval(() => {
  const now = performance.now()
  lateMs += Math.max(0, now - before - tickMs)
  before = now
}, tickMs).unref()

while (!stop.signal.aborted) {
  const [begun, late] = [performance.now(), lateMs]
  const answer = await client.fetch('/status?limit=1').then(
    async (response) => {
      await response.arrayBuffer()
      return String(response.status)
    },
    (error: unknown) => String(error),
  )
  polled.slowestMs = Math.max(polled.slowestMs, performance.now() - begun - (lateMs - late))
  polled.answers.set(answer, (polled.answers.get(answer) ?? 0) + 1)
  await delay(200)
}
// A thread has no origin.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage(polled)
