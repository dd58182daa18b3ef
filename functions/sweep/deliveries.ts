import { deliveries } from '../../lib/notifications/delivery.ts'
import { platform } from '../../platform/index.ts'

const batch = 500

/** Has `notify` look once more at the jobs about which something is due to be sent. Until it has, the next sweep does so again. */
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
  const due = first.flatMap(({ data }) => (data.dueAt && data.dueAt <= readAt ? data.jobId : []))
  const bus = await platform().bus()
  for (const jobId of new Set(due)) await bus.publish('finished', { jobId })
}
