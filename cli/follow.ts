import { EventSourceParserStream } from 'eventsource-parser/stream'
import { backoffSeconds } from '../lib/backoff.ts'
import { isTemporary, type Api } from './api.ts'
import { mostFailures, wait as waitReally, type Wait } from './wait.ts'
import type { DeletedJobView, JobView } from '../lib/jobs/view.ts'

/** The server says something every 15 seconds; a stream that is silent for so long is dead. */
const silenceMs = 45_000
const pollSeconds = 1

export interface Following {
  onJob: (job: JobView) => void
  signal: AbortSignal
  wait?: Wait
}

/**
 * Follows a job by its events until it is over, and asks for its status wherever the events break off or cannot be had.
 * Resolves to the job, completed or failed. Rejects with an ApiError if it was deleted or the server stays away for minutes.
 */
export async function followJob(api: Api, id: string, following: Following): Promise<JobView> {
  const { onJob, signal, wait = waitReally } = following
  const connection: Connection = { lastEventId: undefined }
  for (let failures = 0; ;) {
    // Why a stream has ended matters little: asking shows whether the job and the server are still there.
    const last = await readEvents(api, id, connection, following).catch(() => undefined)
    signal.throwIfAborted()
    if (last) return last
    try {
      const job = await api.job(id)
      failures = 0
      onJob(job)
      if (isOver(job)) return job
    } catch (error) {
      failures += 1
      if (!isTemporary(error) || failures > mostFailures) throw error
    }
    await wait(failures === 0 ? pollSeconds : backoffSeconds(failures), signal)
  }
}

const isOver = ({ status }: JobView): boolean => status === 'MP3_COMPLETED' || status === 'FAILED'

interface Connection {
  lastEventId: string | undefined
}

/** Reads one stream of events; resolves to the job once it is over, to undefined when the stream ends before. */
async function readEvents(
  api: Api,
  id: string,
  connection: Connection,
  { onJob, signal }: Following,
): Promise<JobView | undefined> {
  const aborter = new AbortController()
  const alive = (): void => void silence.refresh()
  const silence = setTimeout(() => aborter.abort(), silenceMs)
  try {
    const response = await api.openEvents(
      id,
      connection.lastEventId,
      AbortSignal.any([signal, aborter.signal]),
    )
    const events = response.body
      ?.pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream({ onComment: alive }))
    for await (const event of events ?? []) {
      alive()
      if (event.event !== 'job') continue
      connection.lastEventId = event.id ?? connection.lastEventId
      // The API says so: the whole job as JSON.
      const job = JSON.parse(event.data) as JobView | DeletedJobView
      // What became of a deleted job, the status has to tell.
      if (job.status === 'DELETED') return undefined
      onJob(job)
      if (isOver(job)) return job
    }
    return undefined
  } finally {
    clearTimeout(silence)
    aborter.abort()
  }
}
