import { randomBytes, randomUUID } from 'node:crypto'
import * as z from 'zod'
import { readConfig } from '../../lib/config.ts'
import type { Answer } from '../../lib/http/answer.ts'
import { readJson } from '../../lib/http/input.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { deliveries, viewDelivery, type Delivery } from '../../lib/notifications/delivery.ts'
import { wantsMail, whyUnreachable } from '../../lib/notifications/mailbox.ts'
import { mostWebhooks, webhooks, whyNotWebhookUrl, type WebhookSet } from '../../lib/notifications/webhook.ts'
import { serverTime, type Writable } from '../../lib/server-time.ts'
import { users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import type { QueryResult } from '../../platform/ports.ts'

const { WEBHOOK_ALLOW_PRIVATE: allowPrivate } = readConfig(['WEBHOOK_ALLOW_PRIVATE'])

const shownDeliveries = 50

/** How the caller is told of the ends of their jobs, and what they were sent lately. */
export async function showNotifications({ user }: UserCall): Promise<Answer> {
  return { status: 200, body: await viewNotifications(user.id, new Set()) }
}

const url = z
  .string({ error: 'must be a text' })
  .superRefine((text, issues) => {
    // As it is kept: so what is shown may be sent back.
    const isLong = Math.max(text.length, URL.parse(text)?.href.length ?? 0) > 2000
    const mistake = isLong ? 'must have at most 2000 characters' : whyNotWebhookUrl(text, allowPrivate)
    if (mistake !== undefined) issues.addIssue({ code: 'custom', message: mistake })
  })
  .transform((text) => new URL(text).href)

/** What is shown but cannot be changed: it may be sent back, and is not looked at. */
const ignored = z.unknown().optional()

const change = z.strictObject({
  mail: z
    .strictObject({
      enabled: z.boolean({ error: 'must be true or false' }),
      address: ignored,
      reason: ignored,
      reasonCode: ignored,
    })
    .optional(),
  webhooks: z
    .array(z.strictObject({ url, id: ignored, createdAt: ignored }), { error: 'must be a list' })
    .max(mostWebhooks, `must be at most ${mostWebhooks}`)
    .transform((hooks) => hooks.map((hook) => hook.url))
    .superRefine((urls, issues) => {
      for (const [place, one] of urls.entries())
        if (urls.indexOf(one) < place)
          issues.addIssue({ code: 'custom', message: 'is there twice', path: [place, 'url'] })
    })
    .optional(),
  deliveries: ignored,
})

/** Switches mail on or off, and replaces the set of webhooks; what is not named stays. Only this answer shows new secrets. */
export async function changeNotifications({ req, user }: UserCall): Promise<Answer> {
  const { mail, webhooks: urls } = await readJson(req, change)
  const records = await platform().records()
  const added = await records.transact(async (tx) => {
    const { data: account } = await tx.get(users, user.id)
    const { data: present } = await tx.get(webhooks, user.id)
    if (account && mail) tx.set(users, user.id, { ...account, notifications: { mail: mail.enabled } })
    if (!urls) return new Set<string>()
    const hooks = replaceHooks(present?.hooks ?? {}, urls)
    tx.set(webhooks, user.id, { ...present, hooks })
    return new Set(Object.keys(hooks)).difference(new Set(Object.keys(present?.hooks ?? {})))
  })
  return { status: 200, body: await viewNotifications(user.id, added) }
}

/** Webhooks at just these URLs. One that stays is the same as before. */
const replaceHooks = (present: WebhookSet['hooks'], urls: string[]): Writable<WebhookSet['hooks']> =>
  Object.fromEntries(
    urls.map((to) => {
      const stays = Object.entries(present).find(([, hook]) => hook.url === to)
      const secret = randomBytes(32).toString('base64url')
      return stays ?? [randomUUID(), { url: to, secret, createdAt: serverTime() }]
    }),
  )

/** `added`: the webhooks whose secrets are shown. */
async function viewNotifications(
  userId: string,
  added: ReadonlySet<string>,
): Promise<Record<string, unknown>> {
  const records = await platform().records()
  const [{ data: account }, { data: set }, sent] = await Promise.all([
    records.get(users, userId),
    records.get(webhooks, userId),
    newestDeliveries(userId),
  ])
  const hooks = Object.entries(set?.hooks ?? {}).toSorted(
    ([, one], [, other]) =>
      one.createdAt.getTime() - other.createdAt.getTime() || (one.url < other.url ? -1 : 1),
  )
  const address = account?.email ?? ''
  return {
    mail: { enabled: account !== undefined && wantsMail(account), address, ...whyUnreachable(address) },
    webhooks: hooks.map(([id, { url, secret, createdAt }]) => ({
      id,
      url,
      createdAt,
      secret: added.has(id) ? secret : undefined,
    })),
    deliveries: sent.records.map(({ id, data }) => viewDelivery(id, data)),
  }
}

/** What a user was sent lately, newest first. */
async function newestDeliveries(userId: string): Promise<QueryResult<Delivery>> {
  const records = await platform().records()
  return records.query({
    collection: deliveries,
    where: [{ field: 'owner', is: '==', value: userId }],
    orderBy: { field: 'createdAt', direction: 'desc' },
    limit: shownDeliveries,
  })
}
