import { deliveries } from '../../lib/notifications/delivery.ts'
import { platform } from '../../platform/index.ts'

const batch = 500

/** Has `notify` send what is due. Until it has taken a delivery up, the next sweep does so again. */
export async function sweepDeliveries(): Promise<void> {
  const records = await platform().records()
  // Ours may be the wrong clock: what is due is judged by the store's, here and by notify.
  const latest = new Date(Date.now() + 60 * 60 * 1000)
  const { records: first, readAt } = await records.query({
    collection: deliveries,
    where: [{ field: 'dueAt', is: '<=', value: latest }],
    orderBy: { field: 'dueAt', direction: 'asc' },
    limit: batch,
  })
  const due = first.filter(({ data }) => data.dueAt && data.dueAt <= readAt)
  const bus = await platform().bus()
  for (const { id } of due) await bus.publish('finished', { deliveryId: id })
}
