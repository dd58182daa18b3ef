import type { Job } from '../../lib/jobs/job.ts'
import {
  endId,
  noMailServer,
  retryAt,
  takenUpAgain,
  type Delivery,
} from '../../lib/notifications/delivery.ts'
import { composeJobMail } from '../../lib/notifications/job-mail.ts'
import { whyNoMail } from '../../lib/notifications/mailbox.ts'
import { because, type DeliveryReason } from '../../lib/notifications/reasons.ts'
import { composeTestMail } from '../../lib/notifications/test-mail.ts'
import { sign, type Webhook } from '../../lib/notifications/webhook.ts'
import type { UserRecord } from '../../lib/users.ts'
import type { StoredRecord } from '../../platform/ports.ts'
import type { Outcome } from './outcome.ts'
import type { Mail } from './smtp.ts'
import type { WebhookRequest } from './webhook.ts'

export interface Mailer {
  /** The sender: `Name <address>`, or an address. */
  from: string
  send: (mail: Mail) => Promise<Outcome>
}

/** The ways out of here. */
export interface Channels {
  /** Where the page is. */
  pageUrl: string
  /** Undefined where no mail is sent. */
  mailer: Mailer | undefined
  call: (request: WebhookRequest) => Promise<Outcome>
}

/** A delivery that somebody is about to make, with all that it is about, as one transaction has read it. */
export interface Found {
  id: string
  delivery: Delivery
  /** The one that has ended; a test is about none. */
  job: StoredRecord<Job> | undefined
  owner: UserRecord | undefined
  hook: Webhook | undefined
  /** By the store's clock. */
  at: Date
}

/** How to send it; or why it is not sent, and what that makes of it. */
export type Prepared =
  | { send: () => Promise<Outcome> }
  | { leftOut: { status: 'FAILED' | 'SKIPPED' } & DeliveryReason }

const failed = (reason: DeliveryReason): Prepared => ({ leftOut: { status: 'FAILED', ...reason } })
const skipped = (reason: DeliveryReason): Prepared => ({ leftOut: { status: 'SKIPPED', ...reason } })

/** Gets a delivery ready to be sent, by what was found about it. Has no effect yet. */
export function prepare(found: Found, channels: Channels): Prepared {
  const { delivery, job, owner } = found
  // Whoever was at it has died: that counts as an attempt like any other.
  if (delivery.status === 'SENDING' && !retryAt(delivery, found.at)) return failed(because('INTERRUPTED'))
  const isGone = !job || job.data.status === 'DELETED'
  if (delivery.jobId !== undefined && isGone) return failed(because('JOB_DELETED'))
  if (!owner || owner.disabled) return skipped(because('NO_ACCOUNT'))
  return delivery.via === 'mail' ? prepareMail(found, owner, channels) : prepareCall(found, channels)
}

function prepareMail({ id, job }: Found, owner: UserRecord, { mailer, pageUrl }: Channels): Prepared {
  if (!mailer) return skipped(noMailServer)
  const reason = whyNoMail(owner)
  if (reason !== undefined) return skipped(reason)
  // The mail would tell how the job is by now, and another one does that, or will.
  if (job && !id.startsWith(`${endId(job.id, job.data)}.`)) return skipped(takenUpAgain)
  const link = new URL(pageUrl)
  if (job) link.hash = `job=${job.id}`
  const content = job ? composeJobMail(job.data, link.href) : composeTestMail(link.href)
  const messageId = `${id}@${domainOf(mailer.from)}`
  return { send: () => mailer.send({ from: mailer.from, to: owner.email, messageId, ...content }) }
}

function prepareCall({ id, delivery: { message }, hook, at }: Found, { call }: Channels): Prepared {
  if (!hook || !message) return failed(because('WEBHOOK_REMOVED'))
  const { event, body } = message
  const headers = {
    'Tapedeck-Signature': sign(body, hook.secret, at),
    'Tapedeck-Delivery': id,
    'Tapedeck-Event': event,
  }
  return { send: () => call({ url: hook.url, body, headers }) }
}

const domainOf = (sender: string): string => sender.slice(sender.lastIndexOf('@') + 1).replace(/>\s*$/, '')
