import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import type { Answer } from '../../lib/http/answer.ts'
import { readJson } from '../../lib/http/input.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { log } from '../../lib/log.ts'
import { deliveries, newDelivery, viewDelivery, type Delivery } from '../../lib/notifications/delivery.ts'
import { webhookMessage } from '../../lib/notifications/webhook-message.ts'
import { webhooks, type WebhookSet } from '../../lib/notifications/webhook.ts'
import { Problem } from '../../lib/problems.ts'
import { platform } from '../../platform/index.ts'

const mostTests = 10
const perSeconds = 60

const trial = z.discriminatedUnion(
  'via',
  [
    z.strictObject({ via: z.literal('mail') }),
    z.strictObject({ via: z.literal('webhook'), id: z.string({ error: 'must be the id of a webhook' }) }),
  ],
  { error: 'must be mail or webhook' },
)
type Trial = z.infer<typeof trial>

/** Has a test sent to the caller, by mail or to one of their webhooks. What becomes of it is among their deliveries. */
export async function sendTest({ req, user }: UserCall): Promise<Answer> {
  const asked = await readJson(req, trial)
  const id = randomUUID()
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data, readAt } = await tx.get(webhooks, user.id)
    const { hooks = {}, tests = [] } = data ?? {}
    const delivery = newDelivery({ owner: user.id, ...contentOf(asked, hooks) }, readAt)
    // Counted with it: many at once could not be stopped any more.
    tx.set(webhooks, user.id, { hooks, tests: oneMore(tests, readAt) })
    tx.create(deliveries, id, delivery)
  })
  const { data } = await records.get(deliveries, id)
  await publish(id)
  return { status: 202, body: data && viewDelivery(id, data) }
}

function contentOf(asked: Trial, hooks: WebhookSet['hooks']): Pick<Delivery, 'via' | 'webhook' | 'message'> {
  if (asked.via === 'mail') return { via: 'mail' }
  const { via, id } = asked
  const hook = Object.hasOwn(hooks, id) ? hooks[id] : undefined
  if (!hook) throw new Problem('NOT_FOUND', `You have no webhook ${JSON.stringify(id)}.`)
  return { via, webhook: { id, url: hook.url }, message: webhookMessage('test') }
}

/**
 * The times of a user's tests within the last minute, this one included. Throws TOO_MANY_REQUESTS: whoever is called by them may
 * be somebody else.
 */
function oneMore(tests: Date[], now: Date): Date[] {
  const lately = tests.filter((at) => at.getTime() > now.getTime() - perSeconds * 1000)
  const [earliest] = lately
  if (!earliest || lately.length < mostTests) return [...lately, now]
  const wait = Math.max(1, Math.ceil(perSeconds - (now.getTime() - earliest.getTime()) / 1000))
  throw new Problem(
    'TOO_MANY_REQUESTS',
    `${mostTests} tests within a minute are the most: try again in ${wait} seconds.`,
    { headers: { 'Retry-After': String(wait) } },
  )
}

/** The test is due already: where this fails, sweep does it. */
async function publish(deliveryId: string): Promise<void> {
  try {
    const bus = await platform().bus()
    await bus.publish('finished', { deliveryId })
  } catch (error) {
    log.error('A test waits for sweep to have it sent', error, { delivery: deliveryId })
  }
}
