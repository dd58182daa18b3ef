import { jobs, type Actor } from '../../lib/jobs/job.ts'
import { TransitionError } from '../../lib/jobs/event.ts'
import { mp3Name } from '../../lib/jobs/names.ts'
import { transition } from '../../lib/jobs/transition.ts'
import { log } from '../../lib/log.ts'
import { moves, type Move } from '../../lib/tiers/move.ts'
import type { StorageClass } from '../../lib/storage-class.ts'
import { claimed, moved, moveRecord, tieredObjects } from '../../lib/tiers/tiered-object.ts'
import { platform } from '../../platform/index.ts'
import { StoreError, type ObjectInfo } from '../../platform/ports.ts'
import { readLevels } from '../shared/tiered-objects.ts'
import { place } from './place.ts'
import { leaseSeconds, settings, targetBucket } from './settings.ts'

export const workerName = ({ function: name, instance }: Actor): string => `${name}@${instance}`

/** Takes up a move that nobody is at; false where there is none. */
export async function claimMove(name: string, worker: string): Promise<boolean> {
  const records = await platform().records()
  return records.transact(async (tx) => {
    const { data, readAt } = await tx.get(tieredObjects, name)
    const taken = data && claimed(data, worker, leaseSeconds, readAt)
    if (!taken) return false
    tx.set(tieredObjects, name, taken)
    return true
  })
}

/** A demand may change while its object is moved, so that it is moved again; more often than that only after a while. */
const mostMoves = 2

/** Makes the move that this worker has begun or taken up. One whose object is gone, or another by now, is over too. */
export async function carryOut(name: string, actor: Actor): Promise<void> {
  const records = await platform().records()
  for (let made = 0; made < mostMoves; made++) {
    const { data: object } = await records.get(tieredObjects, name)
    if (object?.move?.status !== 'update' || object.move.worker !== workerName(actor)) return
    const { move } = object
    const result = await rewrite(name, move)
    await end(name, move, result, actor)
    log.info('A move has ended', { object: name, from: move.from, to: move.to, reason: result.reason })
  }
}

/** The object after an attempt to move it, if it is there, and why it was not moved, if it was not. */
interface Made {
  now?: ObjectInfo
  reason?: 'gone' | 'changed'
}

async function rewrite(name: string, { from, to }: Move): Promise<Made> {
  const objects = await platform().objects()
  const object = { bucket: targetBucket, name }
  const found = await objects.stat(object)
  // Where it is to be already, somebody has moved it who died before that was written down: as good as by us.
  if (found?.storageClass !== from) return asFound(found, to)
  try {
    return { now: await objects.rewrite(object, { storageClass: to, ifGenerationMatch: found.generation }) }
  } catch (error) {
    const isRefused = error instanceof StoreError && ['NOT_FOUND', 'PRECONDITION_FAILED'].includes(error.code)
    if (!isRefused) throw error
    // Whoever was thought dead has done it in this moment; or somebody else something else.
    return asFound(await objects.stat(object), to)
  }
}

/** What an object is that this worker has not rewritten. */
function asFound(now: ObjectInfo | undefined, to: StorageClass): Made {
  if (!now) return { reason: 'gone' }
  return now.storageClass === to ? { now } : { now, reason: 'changed' }
}

/** Writes down how a move has ended, in one transaction: with the object, with its job, and among the moves. */
async function end(name: string, { id }: Move, { now: info, reason }: Made, actor: Actor): Promise<void> {
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data: object, readAt: now } = await tx.get(tieredObjects, name)
    if (object?.move?.id !== id || object.move.status !== 'update') return
    const { move, jobId } = object
    const { data: job } = await tx.get(jobs, jobId)
    const levels = await readLevels(tx)
    if (!info) return tx.delete(tieredObjects, name)
    const { generation } = info
    const file = name === mp3Name(jobId) ? 'target' : 'video'
    const known = job?.[file]
    // What the job knows already nobody has made just now.
    const wasThere = known && 'generation' in known && known.generation === generation
    const why = reason ?? (wasThere ? 'already there' : undefined)
    const after = moved(object, { move, info, now, ...(why && { reason: why }) })
    tx.set(tieredObjects, name, place(after, { levels, now, worker: workerName(actor) }).next)
    if (!why) tx.set(moves, id, moveRecord(name, object, move, { halfLifeDays: settings.halfLifeDays, now }))
    const next = job && unlessDeleted(() => transition(job, { type: 'moved', actor, file, generation }, now))
    if (next && next !== job) tx.set(jobs, jobId, next)
  })
}

/** A job that was deleted meanwhile need not know. */
function unlessDeleted<R>(change: () => R): R | undefined {
  try {
    return change()
  } catch (error) {
    if (error instanceof TransitionError && error.reason === 'deleted') return undefined
    throw error
  }
}
