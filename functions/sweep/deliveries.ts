import { deliveries } from '../../lib/notifications/delivery.ts'
import { platform } from '../../platform/index.ts'
import { due } from './due.ts'

/** Has `notify` send what is due. Until it has taken a delivery up, the next sweep does so again. */
export async function sweepDeliveries(): Promise<void> {
  const bus = await platform().bus()
  for await (const page of due(deliveries))
    await Promise.all(page.map(({ id }) => bus.publish('finished', { deliveryId: id })))
}
