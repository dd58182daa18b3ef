import { serverTime, type Writable } from '../server-time.ts'
import { footprint } from './footprint.ts'
import type { Actor, Job, JobStatus } from './job.ts'

/** How long an event or a message may be on its way before sweep asks what has become of it. */
export const eventSeconds = 10 * 60

/** Sets the status and writes it down in the timeline. */
export function enter(job: Writable<Job>, status: JobStatus, actor: Actor): Writable<Job> {
  const sequence = String(Object.keys(job.timeline).length + 1).padStart(6, '0')
  const entry = { at: serverTime(), status, attempt: job.attempt, ...actor }
  return touch({ ...job, status, timeline: { ...job.timeline, [sequence]: entry } })
}

/** What every change of a job comes through. */
export const touch = (job: Writable<Job>): Writable<Job> => ({
  ...job,
  ...footprint(job),
  updatedAt: serverTime(),
})

export const later = (now: Date, seconds: number): Date => new Date(now.getTime() + seconds * 1000)
