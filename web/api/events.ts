import { createParser } from 'eventsource-parser'
import { ApiError } from './errors.ts'
import { backoffSeconds } from '../../lib/backoff.ts'
import type { JobChange } from '../jobs/job.ts'
import { wait } from './wait.ts'

export interface EventListeners {
  /** The stream is open. `isResumed`: nothing was missed; otherwise only what happens from now on will be told. */
  onOpen(isResumed: boolean): void
  /** `id`: of the event, by which a later stream can go on from here. */
  onJob(change: JobChange, id: string | undefined): void
  /** The stream broke off and cannot be opened again at once. */
  onLost(): void
}

/** The server says something every 15 seconds; a stream that is silent for so long is dead. */
const silenceMs = 45_000

/** Opens a stream; `lastEventId` resumes it where another broke off. */
type Open = (lastEventId: string | undefined, signal: AbortSignal) => Promise<Response>

/**
 * Follows server-sent events until aborted or refused, over as many connections as it takes; from `lastEventId` on, if an earlier
 * stream had come that far.
 */
export async function followEvents(
  open: Open,
  listeners: EventListeners,
  signal: AbortSignal,
  lastEventId?: string,
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    // Not every browser has AbortSignal.any.
    const connection = new AbortController()
    const close = (): void => connection.abort()
    signal.addEventListener('abort', close)
    // What never answers is as dead as what falls silent.
    const silence = setTimeout(close, silenceMs)
    try {
      const response = await open(lastEventId, connection.signal)
      clearTimeout(silence)
      listeners.onOpen(lastEventId !== undefined)
      failures = 0
      await readEvents(response, connection, (id, change) => {
        lastEventId = id ?? lastEventId
        listeners.onJob(change, id)
      })
    } catch (error) {
      if (signal.aborted) return
      // A refused token has ended the session: there is nothing to come back to.
      if (error instanceof ApiError && error.status === 401) return
      if (failures > 0) listeners.onLost()
    } finally {
      clearTimeout(silence)
      signal.removeEventListener('abort', close)
    }
    failures += 1
    await wait(backoffSeconds(failures), signal).catch(() => undefined)
  }
}

async function readEvents(
  response: Response,
  connection: AbortController,
  onJob: (id: string | undefined, change: JobChange) => void,
): Promise<void> {
  if (!response.body) return
  const parser = createParser({
    onEvent({ event, id, data }) {
      // The API says so: the whole job as JSON.
      if (event === 'job') onJob(id, JSON.parse(data) as JobChange)
    },
  })
  const decoder = new TextDecoder()
  let silence: ReturnType<typeof setTimeout> | undefined
  const reader = response.body.getReader()
  try {
    for (;;) {
      clearTimeout(silence)
      silence = setTimeout(() => connection.abort(), silenceMs)
      const { done, value } = await reader.read()
      if (done) return
      parser.feed(decoder.decode(value, { stream: true }))
    }
  } finally {
    clearTimeout(silence)
  }
}
