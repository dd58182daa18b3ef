import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { StoredObject } from '../../lib/jobs/job.ts'
import { log } from '../../lib/log.ts'
import { mostAccesses, type AccessMessage } from '../../lib/tiers/access.ts'
import { platform } from '../../platform/index.ts'

/** Tells that an object is asked for, and how much of it is read. That must not keep anybody from getting it. */
export async function countAccess(
  { name }: StoredObject,
  read: Pick<AccessMessage, 'count' | 'requests' | 'bytes'>,
): Promise<void> {
  try {
    await tell({ id: randomUUID(), object: name, ...read })
  } catch (error) {
    log.error('An access was not counted', error, { object: name })
  }
}

interface Batch {
  accesses: AccessMessage[]
  published: Promise<void>
}

/** What waits for the message before it to be published. */
let waiting: Batch | undefined
let last: Promise<unknown> = Promise.resolve()

/** Resolves once the access is published: in one message with all others that come while the one before is on its way. */
function tell(access: AccessMessage): Promise<void> {
  if (waiting && waiting.accesses.length < mostAccesses) waiting.accesses.push(access)
  else {
    const accesses = [access]
    const batch: Batch = { accesses, published: last.then(() => publish(batch)) }
    waiting = batch
    last = batch.published.catch(() => undefined)
  }
  return waiting.published
}

async function publish(batch: Batch): Promise<void> {
  // All that is asked for in this turn of the event loop goes together.
  await setImmediate()
  if (waiting === batch) waiting = undefined
  const bus = await platform().bus()
  await bus.publish('accesses', { accesses: batch.accesses })
}
