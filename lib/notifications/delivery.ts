import type { Collection } from '../collection.ts'
import type { Job } from '../jobs/job.ts'

/**
 * SENDING: begun; a mail that stays so was begun by somebody who has died, and is not sent twice. WAITING: not taken yet, and
 * tried again. SENT: taken by the other side. FAILED: refused for good. SKIPPED: not to be sent.
 */
export type DeliveryStatus = 'SENDING' | 'WAITING' | 'SENT' | 'FAILED' | 'SKIPPED'

/** What became of telling an owner that a job has ended. */
export interface Delivery {
  /** The user's id. */
  owner: string
  jobId: string
  via: 'mail' | 'webhook'
  status: DeliveryStatus
  /** Why it is WAITING, FAILED or SKIPPED: a sentence. */
  reason?: string
  /** How often it was tried. */
  attempts: number
  /** The webhook that is called. */
  webhook?: { id: string; url: string }
  /** What a webhook is sent until it has it, always the same bytes. */
  body?: string
  /** When a webhook is called next: until then nobody else does. */
  dueAt?: Date
  createdAt: Date
  updatedAt: Date
  /** When the record itself goes. */
  purgeAt: Date
}

export const deliveries: Collection<Delivery> = { name: 'deliveries' }

const keptDays = 30

/** When a delivery that is begun at this time goes. */
export const deliveryPurgeAt = (now: Date): Date => new Date(now.getTime() + keptDays * 24 * 60 * 60 * 1000)

/**
 * Names this end of a job: `jobId.place in its timeline`. A job ends once more when it is retried, or when an upload comes in
 * that was given up for lost; the number of the attempt stays the same then.
 */
export const endId = (jobId: string, job: Job): string => `${jobId}.${Object.keys(job.timeline).length}`

/** Whether there is something to tell: a deleted job's owner knows. */
export const hasEnded = (job: Job): boolean => job.status === 'MP3_COMPLETED' || job.status === 'FAILED'

const retrySeconds = { first: 30, most: 60 * 60 }
const keepTryingSeconds = 24 * 60 * 60

/** When to call a webhook again that has not taken a delivery in so many attempts; undefined once that has gone on for a day. */
export function retryAt({ attempts, createdAt }: Delivery, now: Date): Date | undefined {
  const pause = Math.min(retrySeconds.first * 2 ** (attempts - 1), retrySeconds.most)
  const next = new Date(now.getTime() + pause * 1000)
  return next.getTime() - createdAt.getTime() > keepTryingSeconds * 1000 ? undefined : next
}
