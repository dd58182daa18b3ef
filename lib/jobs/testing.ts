import assert from 'node:assert/strict'
import { ServerTime, type Writable } from '../server-time.ts'
import type { Actor, Job, JobStatus, Mp3 } from './job.ts'
import { TransitionError, type JobEvent, type TransitionErrorReason } from './event.ts'
import { beginJob, type NewJob } from './begin.ts'
import { transition } from './transition.ts'

export type EventType = JobEvent['type']
type EventOf<T extends EventType> = Extract<JobEvent, { type: T }>

export const start = new Date('2026-01-01T00:00:00.000Z')
export const later = (seconds: number): Date => new Date(start.getTime() + seconds * 1000)

export const worker: Actor = { function: 'transcode', instance: 'worker-1' }
export const otherWorker: Actor = { function: 'work', instance: 'worker-2' }
export const source = { bucket: 'source', name: 'uploads/1', generation: '7', size: 1000 }
export const target: Mp3 = {
  bucket: 'target',
  name: '1.mp3',
  generation: '8',
  size: 100,
  durationSeconds: 2,
  samples: 88200,
  bitrate: 192,
  copied: false,
}
export const media = { container: 'avi', audioCodec: 'mp3', sampleRate: 44100, channels: 2 }
export const newJob: NewJob = {
  owner: 'someone',
  filename: 'holiday.avi',
  size: 0,
  contentType: 'video/avi',
  options: {},
  source: { bucket: 'source', name: 'uploads/1' },
}
export const leaseSeconds = 60
export const sourceDays = 7

/** One event of every type, as attempt 1 of `worker` would cause it. */
export const events: { [T in EventType]: EventOf<T> } = {
  uploaded: { type: 'uploaded', actor: worker, source },
  stillComing: { type: 'stillComing', actor: worker },
  claimed: { type: 'claimed', actor: worker, attempt: 1, isAvi: true, leaseSeconds },
  renewed: { type: 'renewed', actor: worker, attempt: 1, progress: 0.5, leaseSeconds },
  remuxed: { type: 'remuxed', actor: worker, attempt: 1, video: { ...source, name: '1.mp4' } },
  encoding: { type: 'encoding', actor: worker, attempt: 1, media },
  completed: { type: 'completed', actor: worker, attempt: 1, target, warnings: [], sourceDays },
  failed: { type: 'failed', actor: worker, attempt: 1, code: 'NO_AUDIO', message: 'No sound.', sourceDays },
  handedBack: { type: 'handedBack', actor: worker, attempt: 1, sourceDays },
  driven: { type: 'driven', actor: worker },
  published: {
    type: 'published',
    actor: worker,
    messages: [
      { topic: 'finished', data: {} },
      { topic: 'sweep', data: {} },
      ...Array.from({ length: 99 }, (_, index) => ({
        topic: 'work' as const,
        data: { attempt: String(index) },
      })),
    ],
  },
  retried: { type: 'retried', actor: worker },
  sourceExpired: { type: 'sourceExpired', actor: worker },
  moved: { type: 'moved', actor: worker, file: 'target', generation: '9' },
  deleted: { type: 'deleted', actor: worker },
  purgeDelayed: { type: 'purgeDelayed', actor: worker, leaseSeconds },
  purged: { type: 'purged', actor: worker },
}

/** A job as a store gives it back: every server time is `now`, and nobody can change it in place. */
export function settle(written: Writable<Job>, now: Date): Job {
  const resolve = (value: unknown): unknown => {
    if (value instanceof ServerTime) return now
    if (value instanceof Date || typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return Object.freeze(value.map(resolve))
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)])))
  }
  // A Writable<Job> without server times is a Job.
  return resolve(written) as Job
}

/** The job after all of this has happened to it, `now` being the time of every step. */
export const after = (job: Job, happened: JobEvent[], now = start): Job =>
  happened.reduce((current, event) => settle(transition(current, event, now), now), job)

export const uploading = settle(beginJob(newJob, 'form', { function: 'upload', instance: 'u' }, start), start)
export const enqueued = after(uploading, [events.uploaded])
export const needConvert = after(enqueued, [events.claimed])
export const noNeedConvert = after(needConvert, [events.remuxed])
export const creating = after(noNeedConvert, [events.encoding])
export const completed = after(creating, [events.completed])
export const failed = after(creating, [events.failed])
export const deleted = after(creating, [events.deleted])
export const jobIn: Record<JobStatus, Job> = {
  UPLOADING: uploading,
  ENQUEUED: enqueued,
  NEED_CONVERT: needConvert,
  NO_NEED_CONVERT: noNeedConvert,
  CREATING_MP3: creating,
  MP3_COMPLETED: completed,
  FAILED: failed,
  DELETED: deleted,
}

/** Every status that a job has had, in order. */
export const statusesOf = (job: Job): JobStatus[] =>
  Object.keys(job.timeline)
    .toSorted()
    .flatMap((key) => job.timeline[key]?.status ?? [])

/** Why this cannot happen to the job; fails where it can. */
export function refusal(job: Job, event: JobEvent): TransitionErrorReason {
  try {
    transition(job, event, start)
  } catch (error) {
    assert.ok(error instanceof TransitionError)
    assert.match(error.message, /^[A-Z].*\.$/, 'a sentence')
    return error.reason
  }
  return assert.fail(`${event.type} of a job that is ${job.status} was not refused`)
}
