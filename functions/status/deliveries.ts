import type { Answer } from '../../lib/http/answer.ts'
import type { User, UserCall } from '../../lib/http/router.ts'
import {
  deliveries,
  viewDelivery,
  type Delivery,
  type DeliveryView,
} from '../../lib/notifications/delivery.ts'
import { platform } from '../../platform/index.ts'
import { findJob } from '../shared/jobs.ts'

const most = 100

/** What was sent about a job to whom it concerns, newest first, and what became of that. */
export async function listDeliveries({ params, user }: UserCall): Promise<Answer> {
  const { id = '' } = params
  await findJob(id, user)
  const records = await platform().records()
  const { records: found } = await records.query({
    collection: deliveries,
    where: [{ field: 'jobId', is: '==', value: id }],
    orderBy: { field: 'createdAt', direction: 'desc' },
    limit: most,
  })
  return { status: 200, body: { deliveries: found.map(({ id, data }) => viewFor(user, id, data)) } }
}

/** A webhook's path and query may be what it lets its owner in by: nobody else sees more than where it is. */
function viewFor(user: User, id: string, delivery: Delivery): DeliveryView {
  const { url, ...view } = viewDelivery(id, delivery)
  if (url === undefined) return view
  return { ...view, url: delivery.owner === user.id ? url : new URL(url).origin }
}
