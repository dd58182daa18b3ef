import type { EncodingOptions } from '../../lib/jobs/job.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import type { ApiError, PageError } from '../api/errors.ts'
import type { Objection } from './check.ts'

/** A file on its way, as it is shown. */
export interface Upload {
  id: number
  filename: string
  /** Bytes. */
  size: number
  options: EncodingOptions
  state: UploadState
  /** Its job, once there is one. */
  jobId?: string
}

export interface QueueState {
  uploads: readonly Upload[]
  /** No upload is begun until that is over, except one that is resumed by itself. */
  isPaused: boolean
}

export type UploadState =
  /** Looked into: is it a video, and not too large? */
  | { phase: 'checking' }
  /** It is not, and nothing of it was sent. */
  | { phase: 'refused'; objection: Objection }
  /** For its turn; `held`: why the server would not have it yet; `isWanted`: even while all others are paused. */
  | { phase: 'waiting'; held?: ApiError; isWanted?: boolean }
  | Progress
  | { phase: 'paused'; sentBytes: number }
  /** Added before the page was left, and begun if it has a job. `isKept`: the browser kept the file, and gives it when it is told that it may. */
  | { phase: 'orphaned'; isKept: boolean; error?: PageError }
  /** All bytes are there; its job will say so soon. */
  | { phase: 'sent' }
  | { phase: 'failed'; error: unknown }

/** How fast it is going at the moment. */
export interface Pace {
  bytesPerSecond: number
  secondsLeft: number
}

/** How an upload is going that is being sent. */
export interface Progress {
  phase: 'sending'
  sentBytes: number
  /** The connection was lost, or the bucket asked for patience. It will be tried again. */
  isInterrupted: boolean
  pace?: Pace | undefined
  /** For how long nothing has moved, where that is longer than it should be. */
  silentSeconds?: number | undefined
}

/** Whether it is neither over nor waiting for its file: leaving the page would break it off. */
export const isGoing = ({ state: { phase } }: Upload): boolean =>
  phase === 'checking' || phase === 'waiting' || phase === 'sending' || phase === 'paused'

export const isWaiting = ({ state: { phase } }: Upload): boolean =>
  phase === 'waiting' || phase === 'checking'

/** Whether nothing more comes of it here. */
export const isOver = ({ state: { phase } }: Upload): boolean =>
  phase === 'refused' || phase === 'failed' || phase === 'sent'

/** Whether it waited for its turn when the page was left. */
export const isLeft = ({ state: { phase }, jobId }: Upload): boolean =>
  phase === 'orphaned' && jobId === undefined

const dearBytes = 100_000_000
/** Half of a file that is smaller is sent again in a moment. */
const dearHalfOf = 20_000_000

/** Whether so much of it has been sent that nobody wants to lose it by a slip. */
export function isDear({ state, size, jobId }: Upload): boolean {
  // Nobody knows how much it was before the page was left.
  if (state.phase === 'orphaned') return jobId !== undefined && size > dearBytes
  if (state.phase !== 'sending' && state.phase !== 'paused') return false
  return state.sentBytes > dearBytes || (size > dearHalfOf && state.sentBytes > size / 2)
}

/** Whether this upload shows this job already. While its session is being opened, events may tell of the job first. */
function isUploadOf({ jobId, filename, size, state }: Upload, job: JobView): boolean {
  if (jobId !== undefined) return jobId === job.id
  if (state.phase !== 'sending' || job.status !== 'UPLOADING') return false
  // As the server keeps it: macOS spells names otherwise.
  return job.filename === filename.normalize('NFC') && job.size === size
}

/** Tells of a job whether one of the uploads shows it already. */
export function shownAsUploads(uploads: readonly Upload[]): (job: JobView) => boolean {
  const known = new Set(uploads.map(({ jobId }) => jobId))
  const opening = uploads.filter(({ jobId }) => jobId === undefined)
  return (job) => known.has(job.id) || opening.some((upload) => isUploadOf(upload, job))
}

/** How all of them are going together. */
export interface Summary {
  /** Those that are not over yet. */
  files: number
  bytes: number
  sentBytes: number
  bytesPerSecond: number
  /** Undefined while nothing moves. */
  secondsLeft?: number
}

export function summarize(uploads: readonly Upload[]): Summary {
  const going = uploads.filter(isGoing)
  const sum = (of: (upload: Upload) => number): number =>
    going.reduce((total, upload) => total + of(upload), 0)
  const bytes = sum(({ size }) => size)
  const sentBytes = sum(({ state }) => ('sentBytes' in state ? state.sentBytes : 0))
  const bytesPerSecond = sum(({ state }) => (state.phase === 'sending' && state.pace?.bytesPerSecond) || 0)
  const left = sum(({ size, state }) =>
    state.phase === 'paused' ? 0 : size - ('sentBytes' in state ? state.sentBytes : 0),
  )
  return {
    ...{ files: going.length, bytes, sentBytes, bytesPerSecond },
    ...(bytesPerSecond > 0 && { secondsLeft: left / bytesPerSecond }),
  }
}
