import type { Collection } from '../../lib/collection.ts'
import { platform } from '../../platform/index.ts'
import type { Query, StoredRecord } from '../../platform/ports.ts'

const page = 500
/** What is due much later is not even read. Only the store's clock says what is due now; ours is not wrong by that much. */
const clockMarginMilliseconds = 60 * 60 * 1000

/** What is due in a collection, by the store's clock: the longest due first, a page at a time. */
export async function* due<T extends { dueAt?: Date }>(
  collection: Collection<T>,
): AsyncGenerator<StoredRecord<T>[], void, undefined> {
  const records = await platform().records()
  const latest = new Date(Date.now() + clockMarginMilliseconds)
  let after: Query<T>['after']
  for (;;) {
    const { records: found, readAt } = await records.query({
      collection,
      where: [{ field: 'dueAt', is: '<=', value: latest }],
      orderBy: { field: 'dueAt', direction: 'asc' },
      ...(after && { after }),
      limit: page,
    })
    const isDue = ({ data: { dueAt } }: StoredRecord<T>): boolean => dueAt !== undefined && dueAt <= readAt
    const due = found.filter(isDue)
    if (due.length > 0) yield due
    const last = found.at(-1)
    if (due.length < page || !last?.data.dueAt) return
    after = { value: last.data.dueAt, id: last.id }
  }
}
