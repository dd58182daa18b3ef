import { setTimeout as delay } from 'node:timers/promises'
import type { DeliveryView } from '../lib/notifications/delivery.ts'
import type { Client } from './client.ts'

/** What `GET /auth/me/notifications` gives. */
export interface Notifications {
  mail: { enabled: boolean; address: string; reason?: string }
  webhooks: { id: string; url: string; createdAt: string; secret?: string }[]
  deliveries: DeliveryView[]
}

export const settingsPath = '/auth/me/notifications'
export const testPath = `${settingsPath}/test`

/** Somebody's settings, with their last deliveries. */
export const readSettings = (client: Client): Promise<Notifications> => client.json(settingsPath)

export const deliveriesPath = (jobId: string): string => `/status/${jobId}/deliveries`

/** What one of these routes says of a delivery, once it says of one what is wanted. Whoever waits sets a limit to it. */
export async function deliveryOnce(
  client: Client,
  path: string,
  wanted: (delivery: DeliveryView) => boolean,
): Promise<DeliveryView> {
  for (;;) {
    const { deliveries } = await client.json<{ deliveries: DeliveryView[] }>(path)
    const found = deliveries.find(wanted)
    if (found) return found
    await delay(25)
  }
}
