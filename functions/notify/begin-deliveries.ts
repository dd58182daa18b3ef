import { jobs, type Job } from '../../lib/jobs/job.ts'
import { viewJob } from '../../lib/jobs/view.ts'
import {
  deliveries,
  endsOf,
  newDelivery,
  noMailServer,
  skipped,
  takenUpAgain,
  type Delivery,
  type JobEnd,
} from '../../lib/notifications/delivery.ts'
import { webhookMessage } from '../../lib/notifications/webhook-message.ts'
import { webhooks, type WebhookSet } from '../../lib/notifications/webhook.ts'
import type { Writable } from '../../lib/server-time.ts'
import { log } from '../../lib/log.ts'
import { platform } from '../../platform/index.ts'
import type { Channels } from './prepare.ts'

type NewDelivery = [id: string, delivery: Writable<Delivery>]

/**
 * Writes down what is to be sent about the ends of a job, unless that was done before: a mail to its owner, and a call of each of
 * their webhooks. Returns the ids of those that are, or will be, to be made. What can never be made is noted as left out: any
 * mail where none is sent, and an end after which the job was taken up again, since nothing could be told of it any more but how the
 * job is now.
 */
export async function beginDeliveries(jobId: string, { mailer }: Channels): Promise<string[]> {
  const records = await platform().records()
  const { due, created } = await records.transact(async (tx) => {
    const { data: job, readAt } = await tx.get(jobs, jobId)
    // Whoever has deleted a job knows.
    if (!job || job.status === 'DELETED') return { due: [], created: [] }
    const { data: ofOwner } = await tx.get(webhooks, job.owner)
    const wanted = endsOf(jobId, job, readAt).flatMap((end) =>
      deliveriesOf(end, { jobId, job, hooks: ofOwner?.hooks ?? {}, mails: mailer !== undefined }, readAt),
    )
    const found = await Promise.all(wanted.map(([id]) => tx.get(deliveries, id)))
    const created = wanted.filter((_, place) => !found[place]?.data)
    for (const [id, delivery] of created) tx.create(deliveries, id, delivery)
    const due = wanted.flatMap(([id, delivery], place) => ((found[place]?.data ?? delivery).dueAt ? id : []))
    return { due, created }
  })
  for (const [delivery, { via, attempts: attempt, status, reason, reasonCode }] of created)
    if (status === 'SKIPPED')
      log.info('A delivery is left out', { delivery, via, job: jobId, attempt, status, reason, reasonCode })
  return due
}

function deliveriesOf(
  end: JobEnd,
  { jobId, job, hooks, mails }: { jobId: string; job: Job; hooks: WebhookSet['hooks']; mails: boolean },
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
  const mail = newDelivery({ owner, jobId, via: 'mail' }, now)
  const all: NewDelivery[] = [
    // At once, since it is what every job comes to where no mail is sent.
    [`${end.id}.mail`, mails ? mail : skipped(mail, noMailServer)],
    ...calls,
  ]
  return end.isLast ? all : all.map(([id, delivery]) => [id, skipped(delivery, takenUpAgain)])
}
