import { serverTime, type Writable } from '../server-time.ts'
import { enter, eventSeconds, later } from './change.ts'
import type { Actor, EncodingOptions, Job, StoredObject } from './job.ts'

const hour = 60 * 60
/** A form is looked after within the hour, and says that it is still coming; a session may be resumed for a week. */
export const uploadSeconds = { form: hour, session: 7 * 24 * hour } as const

export interface NewJob {
  owner: string
  filename: string
  size: number
  contentType: string
  options: EncodingOptions
  source: Job['source']
  uploadSession?: string
  /** How much room to keep while the bytes are on their way, where `size` does not say it. */
  reservedBytes?: number
}

/** A job whose bytes are still on their way. `now` is the store's clock. */
export function beginJob(
  job: NewJob,
  kind: keyof typeof uploadSeconds,
  actor: Actor,
  now: Date,
): Writable<Job> {
  const begun = { ...blankJob(job), status: 'UPLOADING' as const, dueAt: later(now, uploadSeconds[kind]) }
  return enter(begun, 'UPLOADING', actor)
}

/** A job for an object that came into the source bucket by itself. */
export function adoptJob(job: NewJob & { source: StoredObject }, actor: Actor, now: Date): Writable<Job> {
  return enter({ ...blankJob(job), dueAt: later(now, eventSeconds) }, 'ENQUEUED', actor)
}

function blankJob({ reservedBytes, ...job }: NewJob): Writable<Job> {
  return {
    ...job,
    status: 'ENQUEUED',
    progress: 0,
    warnings: [],
    timeline: {},
    attempt: 1,
    firstAttempt: 1,
    outbox: [],
    ...(reservedBytes !== undefined && { storedBytes: reservedBytes }),
    createdAt: serverTime(),
    updatedAt: serverTime(),
  }
}
