import { allOver } from '../shared/all-over.ts'
import type { Message } from '../shared/event-function.ts'
import { beginDeliveries } from './begin-deliveries.ts'
import { deliver } from './deliver.ts'
import type { Channels } from './prepare.ts'

/** Tells whom it concerns that a job has ended; or makes one delivery that is due. Throws what only another try can mend. */
export async function notify({ jobId, deliveryId }: Message, channels: Channels): Promise<void> {
  const begun = jobId === undefined ? [] : await beginDeliveries(jobId, channels)
  const ids = deliveryId === undefined ? begun : [...begun, deliveryId]
  // One that fails must not keep the others from going out; and all are over before this is.
  await allOver(ids.map((id) => deliver(id, channels)))
}
