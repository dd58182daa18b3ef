import { jobs, type Job } from '../../lib/jobs/job.ts'
import { viewJob } from '../../lib/jobs/view.ts'
import {
  deliveries,
  endsOf,
  newDelivery,
  passedBy,
  type Delivery,
  type JobEnd,
} from '../../lib/notifications/delivery.ts'
import { webhookMessage } from '../../lib/notifications/webhook-message.ts'
import { webhooks, type WebhookSet } from '../../lib/notifications/webhook.ts'
import type { Writable } from '../../lib/server-time.ts'
import { platform } from '../../platform/index.ts'

type NewDelivery = [id: string, delivery: Writable<Delivery>]

/**
 * Writes down what is to be sent about the ends of a job, unless that was done before: a mail to its owner, and a call of each of
 * their webhooks. Returns the ids of those that are, or will be, to be made. An end after which the job was taken up again is noted as left out:
 * nothing could be told of it any more but how the job is now.
 */
export async function beginDeliveries(jobId: string): Promise<string[]> {
  const records = await platform().records()
  return records.transact(async (tx) => {
    const { data: job, readAt } = await tx.get(jobs, jobId)
    // Whoever has deleted a job knows.
    if (!job || job.status === 'DELETED') return []
    const { data: ofOwner } = await tx.get(webhooks, job.owner)
    const wanted = endsOf(jobId, job, readAt).flatMap((end) =>
      deliveriesOf(end, { jobId, job, hooks: ofOwner?.hooks ?? {} }, readAt),
    )
    const found = await Promise.all(wanted.map(([id]) => tx.get(deliveries, id)))
    for (const [place, [id, delivery]] of wanted.entries())
      if (!found[place]?.data) tx.create(deliveries, id, delivery)
    return wanted.flatMap(([id, delivery], place) => ((found[place]?.data ?? delivery).dueAt ? id : []))
  })
}

function deliveriesOf(
  end: JobEnd,
  { jobId, job, hooks }: { jobId: string; job: Job; hooks: WebhookSet['hooks'] },
  now: Date,
): NewDelivery[] {
  const { owner } = job
  const event = end.status === 'MP3_COMPLETED' ? 'job.completed' : 'job.failed'
  const message = webhookMessage(event, viewJob(jobId, job))
  const calls = Object.entries(hooks)
    // A webhook is told of nothing that was over before it was there.
    .filter(([, { createdAt }]) => createdAt <= end.at)
    .map(([id, { url }]): NewDelivery => [
      `${end.id}.${id}`,
      newDelivery({ owner, jobId, via: 'webhook', webhook: { id, url }, message }, now),
    ])
  const all: NewDelivery[] = [[`${end.id}.mail`, newDelivery({ owner, jobId, via: 'mail' }, now)], ...calls]
  return end.isLast ? all : all.map(([id, delivery]) => [id, passedBy(delivery)])
}
