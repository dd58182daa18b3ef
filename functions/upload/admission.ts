import timers from 'node:timers/promises'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import type { Problem } from '../../lib/problems.ts'
import { whyNoPlace, whyNoRoom, whyTooLarge, type Known, type Limits, type Usage } from '../../lib/quota.ts'
import { platform } from '../../platform/index.ts'
import { limitsFor, unfinishedJobs, usedBytes } from '../shared/quota.ts'

/** A file that is to come: its size, or the least that it can have. */
export interface Announced {
  bytes: number
  known: Known
}

/**
 * Refuses a file for which its account has no room, before anything of it is written.
 * Throws FILE_TOO_LARGE, STORAGE_QUOTA_EXCEEDED, TOO_MANY_JOBS.
 */
export async function admit(owner: string, file: Announced): Promise<Limits> {
  const limits = await limitsFor(owner)
  const tooLarge = whyTooLarge(limits, file.bytes, file.known)
  if (tooLarge) throw tooLarge
  const problem = whyRefused(limits, await usage(owner, limits), file)
  if (problem) throw problem
  return limits
}

const longestPauseSeconds = 6

/** Throws where a file of so many bytes, or more, is too large, or does not fit. */
export type SizeCheck = (bytes: number) => void

/**
 * Looks again once the job is written, since others may have been meanwhile. Throws what `admit` does; then the job must go.
 *
 * A job may stay if it fits beside all that there are: of two, the one that was written last sees the other, so no place is
 * taken twice. Where not all fit, those give way for which earlier ones leave no room, and the earlier ones wait for that. (To
 * go by the order alone would not be safe: on Firestore a job can come to light after one with a later time.) An earlier one that
 * gives way itself counts until it has gone, so that a moment may refuse more than it would have to, but never less.
 */
export async function confirm(id: string, file: Announced, limits: Limits): Promise<SizeCheck> {
  const none = { storedBytes: 0, jobs: 0 }
  if (limits.storedBytes === undefined && limits.jobs === undefined) return sizeCheck(limits, none)
  const records = await platform().records()
  const { data: job } = await records.get(jobs, id)
  if (!job) return sizeCheck(limits, none)
  for (let seconds = 0.05; ; seconds *= 2) {
    const all = await usage(job.owner, limits)
    const others = { storedBytes: all.storedBytes - (job.storedBytes ?? 0), jobs: all.jobs - 1 }
    const problem = whyRefused(limits, others, file)
    if (!problem) return sizeCheck(limits, others)
    const late = whyRefused(limits, await usageOfEarlier(id, job, limits), file)
    if (late) throw late
    if (seconds > longestPauseSeconds) throw problem
    await timers.setTimeout(seconds * 1000)
  }
}

/** A stored file whose size nobody knew before was not reckoned with by those that came meanwhile: all are looked at once more. */
export async function confirmStored(owner: string, bytes: number): Promise<void> {
  const limits = await limitsFor(owner)
  if (limits.storedBytes === undefined) return
  const problem = whyNoRoom(limits, (await usedBytes(owner)) - bytes, bytes)
  if (problem) throw problem
}

function sizeCheck(limits: Limits, others: Usage): SizeCheck {
  return (bytes) => {
    const problem =
      whyTooLarge(limits, bytes, 'at least') ?? whyNoRoom(limits, others.storedBytes, bytes, 'at least')
    if (problem) throw problem
  }
}

const whyRefused = (limits: Limits, used: Usage, { bytes, known }: Announced): Problem | undefined =>
  whyNoRoom(limits, used.storedBytes, bytes, known) ?? whyNoPlace(limits, used.jobs)

/** What the owner's jobs take up; only what there is a limit for is looked up. */
async function usage(owner: string, limits: Limits, before?: Date): Promise<Usage> {
  const [storedBytes, unfinished] = await Promise.all([
    limits.storedBytes === undefined ? 0 : usedBytes(owner, before),
    limits.jobs === undefined ? 0 : unfinishedJobs(owner, before),
  ])
  return { storedBytes, jobs: unfinished }
}

/** The same of the jobs before this one: of an earlier time, or of its own millisecond if the store has them first. */
async function usageOfEarlier(id: string, { owner, createdAt }: Job, limits: Limits): Promise<Usage> {
  const records = await platform().records()
  const [earlier, { records: sameTime }] = await Promise.all([
    usage(owner, limits, createdAt),
    records.query({
      collection: jobs,
      where: [
        { field: 'owner', is: '==', value: owner },
        { field: 'createdAt', is: '>=', value: createdAt },
        { field: 'createdAt', is: '<', value: new Date(createdAt.getTime() + 1) },
      ],
      orderBy: { field: 'createdAt', direction: 'desc' },
      limit: 1000,
    }),
  ])
  const before = sameTime.slice(sameTime.findIndex((other) => other.id === id) + 1)
  return before.reduce((sum, { data }) => plus(sum, data), earlier)
}

const plus = ({ storedBytes, jobs: unfinished }: Usage, job: Job): Usage => ({
  storedBytes: storedBytes + (job.storedBytes ?? 0),
  jobs: unfinished + (job.active ? 1 : 0),
})
