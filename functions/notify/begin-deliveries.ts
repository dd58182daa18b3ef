import { jobs, type Job } from '../../lib/jobs/job.ts'
import { viewJob } from '../../lib/jobs/view.ts'
import { deliveries, endId, hasEnded, newDelivery, type Delivery } from '../../lib/notifications/delivery.ts'
import { webhookMessage } from '../../lib/notifications/webhook-message.ts'
import { webhooks, type WebhookSet } from '../../lib/notifications/webhook.ts'
import type { Writable } from '../../lib/server-time.ts'
import { platform } from '../../platform/index.ts'

/**
 * Writes down what is to be sent now that a job has ended, unless that was done before: a mail to its owner, and a call of each
 * of their webhooks. Returns the ids of all these deliveries; none where there is nothing to tell.
 */
export async function beginDeliveries(jobId: string): Promise<string[]> {
  const records = await platform().records()
  return records.transact(async (tx) => {
    const { data: job, readAt } = await tx.get(jobs, jobId)
    if (!job || !hasEnded(job)) return []
    const { data: ofOwner } = await tx.get(webhooks, job.owner)
    const wanted = deliveriesOf(jobId, job, ofOwner?.hooks ?? {}, readAt)
    const found = await Promise.all(wanted.map(([id]) => tx.get(deliveries, id)))
    for (const [place, [id, delivery]] of wanted.entries())
      if (!found[place]?.data) tx.create(deliveries, id, delivery)
    return wanted.map(([id]) => id)
  })
}

function deliveriesOf(
  jobId: string,
  job: Job,
  hooks: WebhookSet['hooks'],
  now: Date,
): [id: string, delivery: Writable<Delivery>][] {
  const { owner } = job
  const end = endId(jobId, job)
  const endedAt = Object.values(job.timeline).reduce((last, { at }) => (at > last ? at : last), job.createdAt)
  const event = job.status === 'MP3_COMPLETED' ? 'job.completed' : 'job.failed'
  const message = webhookMessage(event, viewJob(jobId, job))
  const calls = Object.entries(hooks)
    // A webhook is told of nothing that was over before it was there.
    .filter(([, { createdAt }]) => createdAt <= endedAt)
    .map(([id, { url }]): [string, Writable<Delivery>] => [
      `${end}.${id}`,
      newDelivery({ owner, jobId, via: 'webhook', webhook: { id, url }, message }, now),
    ])
  return [[`${end}.mail`, newDelivery({ owner, jobId, via: 'mail' }, now)], ...calls]
}
