import { jobs } from '../../lib/jobs/job.ts'
import { log } from '../../lib/log.ts'
import { deliveries, retryAt, type Delivery } from '../../lib/notifications/delivery.ts'
import { webhooks } from '../../lib/notifications/webhook.ts'
import { serverTime } from '../../lib/server-time.ts'
import { users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import type { Transaction } from '../../platform/ports.ts'
import type { Outcome } from './outcome.ts'
import { prepare, type Channels, type Found, type Prepared } from './prepare.ts'

/** Longer than a call may take: whoever has not said by then how it went is dead, and the webhook is called again. */
const leaseSeconds = 60

/**
 * Sends what is due, and writes down what became of it. A mail goes out once: it is marked as being sent before it is, and a
 * crash in between leaves it at that. A webhook is called until it has taken the delivery, with the same body and id. What was
 * not taken is due again later, for a day. Does nothing where somebody else is at it, or nothing is due.
 */
export async function deliver(id: string, channels: Channels): Promise<void> {
  const claimed = await claim(id, channels)
  if (!claimed) return
  const { delivery, prepared } = claimed
  const about = { delivery: id, via: delivery.via, job: delivery.jobId, attempt: delivery.attempts }
  if ('leftOut' in prepared) return log.info('A delivery is left out', { ...about, ...prepared.leftOut })
  const outcome = await prepared.send()
  await note(id, delivery.attempts, outcome)
  if (outcome.result === 'sent') log.info('A delivery was made', about)
  else log.warning('A delivery was not made', { ...about, ...outcome })
}

/** Takes a delivery that is due for one attempt, or writes down why it is not sent. Nothing, where it is not due. */
async function claim(
  id: string,
  channels: Channels,
): Promise<{ delivery: Delivery; prepared: Prepared } | undefined> {
  const records = await platform().records()
  return records.transact(async (tx) => {
    const found = await find(tx, id)
    if (!found) return undefined
    const prepared = prepare(found, channels)
    if ('leftOut' in prepared) {
      tx.set(deliveries, id, { ...over(found.delivery), ...prepared.leftOut, updatedAt: serverTime() })
      return { delivery: found.delivery, prepared }
    }
    const delivery = begun(found)
    tx.set(deliveries, id, { ...delivery, updatedAt: serverTime() })
    return { delivery, prepared }
  })
}

/** A delivery that is due, with all that it is about. */
async function find(tx: Transaction, id: string): Promise<Found | undefined> {
  const { data: delivery, readAt: at } = await tx.get(deliveries, id)
  if (!delivery?.dueAt || delivery.dueAt > at) return undefined
  const { owner: userId, jobId, webhook } = delivery
  const job = jobId === undefined ? undefined : (await tx.get(jobs, jobId)).data
  const { data: owner } = await tx.get(users, userId)
  const hook = webhook && (await tx.get(webhooks, userId)).data?.hooks[webhook.id]
  return {
    id,
    delivery,
    job: jobId !== undefined && job ? { id: jobId, data: job } : undefined,
    owner,
    hook,
    at,
  }
}

/** What it is while this attempt lasts. Of a mail nobody can tell how far a dead sender has come: it is never due again. */
function begun({ delivery, at }: Found): Delivery {
  const { dueAt: _dueAt, reason: _reason, reasonCode: _code, ...rest } = delivery
  const sending = { ...rest, status: 'SENDING', attempts: delivery.attempts + 1 } as const
  if (delivery.via === 'mail') return sending
  return { ...sending, dueAt: new Date(at.getTime() + leaseSeconds * 1000) }
}

/** Writes down how an attempt has ended. */
async function note(id: string, attempts: number, { result, reason, reasonCode }: Outcome): Promise<void> {
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data, readAt } = await tx.get(deliveries, id)
    if (data?.status !== 'SENDING' && data?.status !== 'WAITING') return
    // Another attempt may have begun meanwhile; then this one's outcome counts only if it was good.
    if (data.attempts !== attempts && result !== 'sent') return
    const dueAt = result === 'later' ? retryAt(data, readAt) : undefined
    const next = dueAt ? { ...data, dueAt } : over(data)
    const status = result === 'sent' ? 'SENT' : dueAt ? 'WAITING' : 'FAILED'
    tx.set(deliveries, id, {
      ...next,
      status,
      ...(reason !== undefined && { reason }),
      ...(reasonCode && { reasonCode }),
      updatedAt: serverTime(),
    })
  })
}

/** A delivery that is not tried again: what was to be sent need not be kept. */
function over({
  message: _message,
  dueAt: _dueAt,
  reason: _reason,
  reasonCode: _code,
  ...rest
}: Delivery): Delivery {
  return rest
}
