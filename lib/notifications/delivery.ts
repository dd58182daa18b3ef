import type { Collection } from '../collection.ts'
import type { Job } from '../jobs/job.ts'
import { serverTime, type Writable } from '../server-time.ts'
import { because, type DeliveryReason } from './reasons.ts'
import type { WebhookMessage } from './webhook-message.ts'

/**
 * WAITING: to be sent, for the first time or once more. SENDING: begun; a mail that stays so was begun by somebody who has died,
 * and is not sent twice. SENT: taken by the other side. FAILED: refused for good, or given up. SKIPPED: not to be sent.
 */
export type DeliveryStatus = 'WAITING' | 'SENDING' | 'SENT' | 'FAILED' | 'SKIPPED'

/** One mail to an owner, or what one of their webhooks is called with: about the end of a job, or as a test. */
export interface Delivery {
  /** The user's id. */
  owner: string
  /** The job that has ended; a test has none. */
  jobId?: string
  via: 'mail' | 'webhook'
  status: DeliveryStatus
  /** Why it is WAITING once more, FAILED or SKIPPED: a sentence. */
  reason?: string
  /** An older version left it out. */
  reasonCode?: DeliveryReason['reasonCode']
  /** How often it was tried. */
  attempts: number
  /** The webhook that is called. */
  webhook?: { id: string; url: string }
  /** What a webhook is sent until it has it, always the same bytes. */
  message?: WebhookMessage
  /** From when on somebody may take it up, and `sweep` has it sent. A mail that is being sent has none: nobody may. */
  dueAt?: Date
  createdAt: Date
  updatedAt: Date
  /** When the record itself goes. */
  purgeAt: Date
}

export const deliveries: Collection<Delivery> = { name: 'deliveries' }

const keptMilliseconds = 30 * 24 * 60 * 60 * 1000

/**
 * Names this end of a job: `jobId.place in its timeline`. A job ends once more when it is retried, or when an upload comes in
 * that was given up for lost; the number of the attempt stays the same then.
 */
export const endId = (jobId: string, job: Job): string => `${jobId}.${Object.keys(job.timeline).length}`

/** An end that a job has come to. */
export interface JobEnd {
  /** `endId` of the job as it was then. */
  id: string
  status: 'MP3_COMPLETED' | 'FAILED'
  at: Date
  /** The job has stayed with it since. */
  isLast: boolean
}

/** The ends that a job has come to, but for those so long ago that nothing is kept of them. `now` is the store's clock. */
export function endsOf(jobId: string, { timeline }: Job, now: Date): JobEnd[] {
  const entries = Object.entries(timeline).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return entries.flatMap(([, { status, at }], place) => {
    if (status !== 'MP3_COMPLETED' && status !== 'FAILED') return []
    const isLast = place === entries.length - 1
    const isForgotten = !isLast && at.getTime() <= now.getTime() - keptMilliseconds
    return isForgotten ? [] : [{ id: `${jobId}.${place + 1}`, status, at, isLast }]
  })
}

/** Why nothing is sent about an end that is over before it could be told. */
export const takenUpAgain = because('JOB_TAKEN_UP')

/** Why no mail is sent at all. */
export const noMailServer = because('NO_MAIL_SERVER')

/** A delivery that is not to be made, for this reason. */
export function skipped(
  { message: _message, dueAt: _dueAt, ...delivery }: Writable<Delivery>,
  reason: DeliveryReason,
): Writable<Delivery> {
  return { ...delivery, status: 'SKIPPED', ...reason }
}

const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const deliveryId = new RegExp(`^${uuid}(?:\\.\\d{1,9}\\.(?:mail|${uuid}))?$`)

/** Whether a text can name a delivery: `endId.mail`, `endId.WEBHOOK`, or a UUID, which is a test. */
export const isDeliveryId = (text: string): boolean => deliveryId.test(text)

/** A delivery that is to go out at once. `now` is the store's clock. */
export const newDelivery = (
  what: Pick<Delivery, 'owner' | 'jobId' | 'via' | 'webhook' | 'message'>,
  now: Date,
): Writable<Delivery> => ({
  ...what,
  status: 'WAITING',
  attempts: 0,
  dueAt: now,
  createdAt: serverTime(),
  updatedAt: serverTime(),
  purgeAt: new Date(now.getTime() + keptMilliseconds),
})

const retrySeconds = { first: 10, most: 60 * 60 }
const keepTryingSeconds = 24 * 60 * 60

/**
 * When to try a delivery again that was not taken in so many attempts; undefined once that has gone on for a day. A test is
 * not tried again: its user looks at what came of it.
 */
export function retryAt({ jobId, attempts, createdAt }: Delivery, now: Date): Date | undefined {
  if (jobId === undefined) return undefined
  const pause = Math.min(retrySeconds.first * 2 ** (attempts - 1), retrySeconds.most)
  const next = new Date(now.getTime() + pause * 1000)
  return next.getTime() - createdAt.getTime() > keepTryingSeconds * 1000 ? undefined : next
}

/** A delivery as the API shows it: nothing of what is sent. Times are ISO 8601. */
export interface DeliveryView {
  id: string
  jobId?: string
  via: Delivery['via']
  status: DeliveryStatus
  reason?: string
  reasonCode?: DeliveryReason['reasonCode']
  attempts: number
  /** The webhook's. */
  url?: string
  createdAt: string
  updatedAt: string
  /** When it is tried next. Only while it is WAITING. */
  nextAt?: string
}

export function viewDelivery(id: string, delivery: Delivery): DeliveryView {
  const { jobId, via, status, reason, reasonCode, attempts, webhook, dueAt, createdAt, updatedAt } = delivery
  return {
    id,
    ...(jobId !== undefined && { jobId }),
    via,
    status,
    ...(reason !== undefined && { reason }),
    ...(reasonCode && { reasonCode }),
    attempts,
    ...(webhook && { url: webhook.url }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
    ...(status === 'WAITING' && dueAt && { nextAt: dueAt.toISOString() }),
  }
}
