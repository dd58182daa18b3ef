import { jobs, type Job } from '../../lib/jobs/job.ts'
import { viewJob } from '../../lib/jobs/view.ts'
import { log } from '../../lib/log.ts'
import {
  deliveries,
  deliveryPurgeAt,
  endId,
  hasEnded,
  retryAt,
  type Delivery,
} from '../../lib/notifications/delivery.ts'
import {
  sign,
  signatureHeader,
  webhooks,
  type Webhook,
  type WebhookEvent,
} from '../../lib/notifications/webhook.ts'
import { serverTime, type Writable } from '../../lib/server-time.ts'
import { platform } from '../../platform/index.ts'
import type { StoredRecord } from '../../platform/ports.ts'
import type { WebhookOutcome, WebhookRequest } from './webhook.ts'

/** Longer than a call may take: whoever has not said by then how it went is dead, and the webhook is called again. */
const leaseSeconds = 60
const mostWebhooks = 20

export type CallWebhook = (request: WebhookRequest) => Promise<WebhookOutcome>

/**
 * Tells the owner's webhooks that a job has ended, and calls those again that are due for it. At least once each, with the same
 * body and delivery id, until they take it or a day is over. What fails here is in the records; `sweep` sees to the next call.
 */
export async function callWebhooks(jobId: string, call: CallWebhook): Promise<void> {
  await begin(jobId)
  const records = await platform().records()
  const { records: ofJob, readAt } = await records.query({
    collection: deliveries,
    where: [{ field: 'jobId', is: '==', value: jobId }],
    orderBy: { field: 'jobId', direction: 'asc' },
    limit: 1000,
  })
  const due = ofJob.filter(({ data }) => data.dueAt && data.dueAt <= readAt)
  await Promise.all(due.map(({ id }) => attempt(id, call)))
}

/** Writes down what the owner's webhooks shall be sent about the job as it is now, unless that was done before. */
async function begin(jobId: string): Promise<void> {
  const records = await platform().records()
  const { data: found } = await records.get(jobs, jobId)
  if (!found || !hasEnded(found)) return
  const { records: hooks } = await records.query({
    collection: webhooks,
    where: [{ field: 'owner', is: '==', value: found.owner }],
    orderBy: { field: 'owner', direction: 'asc' },
    limit: mostWebhooks,
  })
  if (hooks.length === 0) return
  await records.transact(async (tx) => {
    const { data: job, readAt } = await tx.get(jobs, jobId)
    if (!job || !hasEnded(job)) return
    const ended = Object.values(job.timeline).reduce((last, { at }) => (at > last ? at : last), job.createdAt)
    const fresh: [id: string, hook: StoredRecord<Webhook>][] = []
    for (const hook of hooks) {
      const id = `${endId(jobId, job)}.${hook.id}`
      // A webhook is told of nothing that was over before it was there.
      if (hook.data.createdAt <= ended && !(await tx.get(deliveries, id)).data) fresh.push([id, hook])
    }
    for (const [id, hook] of fresh) tx.create(deliveries, id, newDelivery(jobId, job, hook, readAt))
  })
}

function newDelivery(
  jobId: string,
  job: Job,
  { id, data }: StoredRecord<Webhook>,
  now: Date,
): Writable<Delivery> {
  const event: WebhookEvent = job.status === 'MP3_COMPLETED' ? 'job.completed' : 'job.failed'
  return {
    owner: job.owner,
    jobId,
    via: 'webhook',
    status: 'WAITING',
    attempts: 0,
    webhook: { id, url: data.url },
    body: JSON.stringify({ event, job: viewJob(jobId, job) }),
    dueAt: now,
    createdAt: serverTime(),
    updatedAt: serverTime(),
    purgeAt: deliveryPurgeAt(now),
  }
}

/** Calls one webhook, if nobody else is at it, and writes down how that went. */
async function attempt(id: string, call: CallWebhook): Promise<void> {
  const claimed = await claim(id)
  if (!claimed) return
  const { delivery, hook, at } = claimed
  const { body = '', jobId: job, attempts } = delivery
  const headers = {
    [signatureHeader]: sign(body, hook.secret, at),
    'Tapedeck-Delivery': id,
  }
  const outcome = await call({ url: hook.url, body, headers })
  await note(id, attempts, outcome)
  const fields = { job, delivery: id, attempt: attempts, ...outcome }
  if (outcome.delivered) log.info('A webhook was called', fields)
  else log.warning('A webhook did not take a delivery', fields)
}

interface Claimed {
  delivery: Delivery
  hook: Webhook
  at: Date
}

/** Takes a delivery that is due for this attempt. Nothing, where it is not, or nobody is left to be told. */
async function claim(id: string): Promise<Claimed | undefined> {
  const records = await platform().records()
  return records.transact(async (tx) => {
    const { data, readAt } = await tx.get(deliveries, id)
    if (!data?.dueAt || data.dueAt > readAt || !data.webhook) return undefined
    const { data: hook } = await tx.get(webhooks, data.webhook.id)
    const { data: job } = await tx.get(jobs, data.jobId)
    if (!hook || !job || job.status === 'DELETED') {
      const reason = hook ? 'The job was deleted.' : 'The webhook was removed.'
      tx.set(deliveries, id, { ...over(data), status: 'FAILED', reason })
      return undefined
    }
    const dueAt = new Date(readAt.getTime() + leaseSeconds * 1000)
    const delivery: Delivery = { ...data, status: 'SENDING', attempts: data.attempts + 1, dueAt }
    tx.set(deliveries, id, { ...delivery, updatedAt: serverTime() })
    return { delivery, hook, at: readAt }
  })
}

async function note(id: string, attempts: number, outcome: WebhookOutcome): Promise<void> {
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data, readAt } = await tx.get(deliveries, id)
    // Another attempt may have begun meanwhile; then this one's outcome counts only if it was good.
    if (!data?.dueAt || (data.attempts !== attempts && !outcome.delivered)) return
    if (outcome.delivered) return tx.set(deliveries, id, { ...over(data), status: 'SENT' })
    const { reason } = outcome
    const next = retryAt(data, readAt)
    if (next)
      tx.set(deliveries, id, { ...data, status: 'WAITING', reason, dueAt: next, updatedAt: serverTime() })
    else tx.set(deliveries, id, { ...over(data), status: 'FAILED', reason })
  })
}

/** A delivery that is not tried again: what was to be sent need not be kept. */
function over(delivery: Delivery): Writable<Delivery> {
  const { body: _body, dueAt: _dueAt, reason: _reason, ...rest } = delivery
  return { ...rest, updatedAt: serverTime() }
}
