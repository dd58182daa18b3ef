import {
  deliveries,
  deliveryPurgeAt,
  endId,
  hasEnded,
  type Delivery,
} from '../../lib/notifications/delivery.ts'
import { composeJobMail } from '../../lib/notifications/job-mail.ts'
import { whyNoMail } from '../../lib/notifications/mailbox.ts'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { log } from '../../lib/log.ts'
import { serverTime } from '../../lib/server-time.ts'
import { users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import type { Mail, Outcome } from './smtp.ts'

export interface Mailer {
  /** The sender: `Name <address>`, or an address. */
  from: string
  send: (mail: Mail) => Promise<Outcome>
}

/**
 * Tells a job's owner by mail that it has ended: once for each end, however often this is called. That it is being sent is
 * written down before, so that a crash in between means no second mail. Without a mailer, that is noted instead. Throws where
 * another call may send the mail.
 */
export async function mailOwner(jobId: string, pageUrl: string, mailer: Mailer | undefined): Promise<void> {
  const begun = await begin(jobId, mailer !== undefined)
  if (!begun) return
  const { id, job, address, skipped } = begun
  if (skipped !== undefined || !mailer) {
    log.info('No mail is sent about a job', { job: jobId, reason: skipped })
    return
  }
  const link = new URL(pageUrl)
  link.hash = `job=${jobId}`
  const messageId = `${endId(jobId, job)}@${domainOf(mailer.from)}`
  const mail = { from: mailer.from, to: address, messageId, ...composeJobMail(job, link.href) }
  const outcome = await mailer.send(mail)
  await note(id, outcome)
  if (outcome.result === 'sent') log.info('A mail about a job was sent', { job: jobId })
  else log.warning('A mail about a job was not sent', { job: jobId, ...outcome })
  if (outcome.result === 'later') throw new Error(`The mail server did not take a mail: ${outcome.reason}`)
}

interface Begun {
  id: string
  job: Job
  address: string
  skipped: string | undefined
}

/** Marks the mail as being sent, or as skipped. Nothing, where somebody else has done so or there is nothing to tell. */
async function begin(jobId: string, isConfigured: boolean): Promise<Begun | undefined> {
  const records = await platform().records()
  return records.transact(async (tx) => {
    const { data: job, readAt } = await tx.get(jobs, jobId)
    if (!job || !hasEnded(job)) return undefined
    const id = `${endId(jobId, job)}.mail`
    const { data: earlier } = await tx.get(deliveries, id)
    if (earlier && earlier.status !== 'WAITING') return undefined
    const { data: user } = await tx.get(users, job.owner)
    const skipped = whyNoMail(user, isConfigured)
    tx.set(deliveries, id, {
      owner: job.owner,
      jobId,
      via: 'mail',
      attempts: (earlier?.attempts ?? 0) + (skipped === undefined ? 1 : 0),
      ...(skipped === undefined ? { status: 'SENDING' } : { status: 'SKIPPED', reason: skipped }),
      createdAt: earlier?.createdAt ?? serverTime(),
      updatedAt: serverTime(),
      purgeAt: deliveryPurgeAt(readAt),
    })
    return { id, job, address: user?.email ?? '', skipped }
  })
}

const statuses = {
  sent: 'SENT',
  refused: 'FAILED',
  later: 'WAITING',
  unknown: 'FAILED',
} as const satisfies Record<Outcome['result'], Delivery['status']>

/** Writes down what became of it. */
async function note(id: string, { result, reason = '' }: Outcome): Promise<void> {
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data } = await tx.get(deliveries, id)
    if (!data) return
    const uncertain =
      'The connection broke before the server said whether it has the mail; it is not sent twice.'
    tx.set(deliveries, id, {
      ...data,
      status: statuses[result],
      ...(result !== 'sent' && { reason: result === 'unknown' ? `${uncertain} (${reason})` : reason }),
      updatedAt: serverTime(),
    })
  })
}

const domainOf = (sender: string): string => sender.slice(sender.lastIndexOf('@') + 1).replace(/>\s*$/, '')
