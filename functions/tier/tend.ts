import { setTimeout as delay } from 'node:timers/promises'
import type { Actor } from '../../lib/jobs/job.ts'
import { isMoving, tieredObjects } from '../../lib/tiers/tiered-object.ts'
import { platform } from '../../platform/index.ts'
import { allOver } from '../shared/all-over.ts'
import { addUp, addUpNow, writeDown } from './count.ts'
import { carryOut, claimMove, workerName } from './move.ts'
import type { AccessMessage } from '../../lib/tiers/access.ts'

/** Counts accesses, at most `mostAccesses`, and makes the moves to which that leads. */
export async function tendAccesses(told: readonly AccessMessage[], actor: Actor): Promise<void> {
  const names = await writeDown(told)
  await allOver(
    names.map(async (name) => {
      if (await addUpNow(name, workerName(actor))) await carryOut(name, actor)
    }),
  )
}

/** A second, within which an object is added up once, and some time for the commit. */
const pauseMilliseconds = 1200
/** So many batches in one go: well within what a message may take. */
const mostBatches = 100

/** Adds up all that waits. Whether that has begun a move. */
async function addAllUp(name: string, worker: string): Promise<boolean> {
  for (let batches = 1; ; batches++) {
    const { begins, more } = await addUp(name, worker)
    if (begins || !more || batches === mostBatches) return begins
    await delay(pauseMilliseconds)
  }
}

/** Does what is due of an object: goes on with its move, or adds up its accesses and chooses its class anew. */
export async function tend(name: string, actor: Actor): Promise<void> {
  const records = await platform().records()
  const { data: object } = await records.get(tieredObjects, name)
  if (!object) return
  const worker = workerName(actor)
  const isMine = isMoving(object) ? await claimMove(name, worker) : await addAllUp(name, worker)
  if (isMine) await carryOut(name, actor)
}
