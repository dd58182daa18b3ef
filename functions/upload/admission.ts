import { setTimeout as delay } from 'node:timers/promises'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import {
  whyNoPlace,
  whyNoRoom,
  whyTooLarge,
  type Known,
  type Limits,
  type Usage,
} from '../../lib/quota.ts'
import type { Problem } from '../../lib/problems.ts'
import { platform } from '../../platform/index.ts'
import { limitsFor, unfinishedJobs, usedBytes } from '../shared/quota.ts'

/** A file that is to be uploaded: its size, or the least that it can have. */
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
  const problem =
    whyTooLarge(limits, file.bytes, file.known) ?? whyRefused(limits, await usage(owner, limits), file)
  if (problem) throw problem
  return limits
}

/** Throws where a file of so many bytes is too large, or does not fit. */
export type SizeCheck = (bytes: number) => void

/**
 * Looks again once the job is written, since others may have been meanwhile. A job stays if it fits beside all that are there:
 * whichever is written last sees the others, so that one place is never taken twice. Where not all fit, a job gives way for which
 * the earlier ones leave no room, and one that is earlier waits for that. (Going by the order alone is not enough: in Firestore a
 * job may come to be seen after one with a later time.) Throws as `admit` does; then the job must go.
 */
export async function confirm(id: string, file: Announced, limits: Limits): Promise<SizeCheck> {
  const records = await platform().records()
  const { data: job } = await records.get(jobs, id)
  let others: Usage = { storedBytes: 0, jobs: 0 }
  for (const seconds of job && isLimited(limits) ? pauses : []) {
    await delay(seconds * 1000)
    others = await usageOfOthers(job, limits)
    const problem = whyRefused
  }
}
