import type { Actor } from '../../lib/jobs/job.ts'
import { isMoving, tieredObjects } from '../../lib/tiers/tiered-object.ts'
import { platform } from '../../platform/index.ts'
import { addUp, countAccess } from './count.ts'
import { carryOut, claimMove, workerName } from './move.ts'
import type { AccessMessage } from '../../lib/tiers/access.ts'

/** Counts an access, and makes the move to which that leads. */
export async function tendAccess(access: AccessMessage, actor: Actor): Promise<void> {
  if (await countAccess(access, workerName(actor))) await carryOut(access.object, actor)
}

/** Does what is due of an object: goes on with its move, or adds up its accesses and chooses its class anew. */
export async function tend(name: string, actor: Actor): Promise<void> {
  const records = await platform().records()
  const { data: object } = await records.get(tieredObjects, name)
  if (!object) return
  const worker = workerName(actor)
  const isMine = isMoving(object) ? await claimMove(name, worker) : await addUp(name, worker)
  if (isMine) await carryOut(name, actor)
}
