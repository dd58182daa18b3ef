import { accesses, mostAccesses, newAccess, type Access, type AccessMessage } from '../../lib/tiers/access.ts'
import { tieredObjects, withAccesses, type TieredObject } from '../../lib/tiers/tiered-object.ts'
import { platform } from '../../platform/index.ts'
import type { StoredRecord, Transaction } from '../../platform/ports.ts'
import { readLevels } from '../shared/tiered-objects.ts'
import { findObject } from './find.ts'
import { place } from './place.ts'
import { raiseTop } from './raise-top.ts'
import { settings } from './settings.ts'

const secondMilliseconds = 1000

/**
 * Writes accesses down under their ids, at most `mostAccesses`, in one transaction: so each counts once, however often its message
 * comes. Returns the objects that have some to be added up.
 */
export async function writeDown(told: readonly AccessMessage[]): Promise<string[]> {
  const names = [...new Set(told.map(({ object }) => object))]
  const found = await Promise.all(names.map(findObject))
  const known = new Set(names.filter((_, place) => found[place]))
  const byId = new Map(told.filter(({ object }) => known.has(object)).map((access) => [access.id, access]))
  const records = await platform().records()
  return records.transact(async (tx) => {
    const read = await Promise.all(
      byId.values().map(async (access) => [access, await tx.get(accesses, access.id)] as const),
    )
    for (const [access, { data, readAt }] of read)
      if (!data) tx.create(accesses, access.id, newAccess(access, readAt))
    return [...new Set(read.flatMap(([access, { data }]) => (data?.counted ? [] : access.object)))]
  })
}

/**
 * Adds up what was written down of an object, unless that was done within the last second. Then somebody will do it again: the
 * record says when. Returns whether that has begun a move, which is this worker's then.
 */
export async function addUpNow(name: string, worker: string): Promise<boolean> {
  const records = await platform().records()
  // Read only after all was written down: whoever adds up later than this finds it.
  const { data: current, readAt } = await records.get(tieredObjects, name)
  if (!current || justCounted(current, readAt)) return false
  return (await addUp(name, worker)).begins
}

/** Firestore takes one sustained write a second for a document. */
const justCounted = ({ countedAt }: TieredObject, now: Date): boolean =>
  countedAt !== undefined && now.getTime() - countedAt.getTime() < secondMilliseconds

/**
 * Adds what has not been counted yet to the figures of an object, and chooses its class, in one transaction. `begins`: that
 * has begun a move, which is this worker's then. `more`: there are others, to be added up a second later.
 */
export async function addUp(name: string, worker: string): Promise<{ begins: boolean; more: boolean }> {
  const records = await platform().records()
  const { data: before, readAt } = await records.get(tieredObjects, name)
  // What comes within this second relies on who adds up after it: nobody else may look for it and say that there is nothing.
  if (!before || justCounted(before, readAt)) return { begins: false, more: false }
  const { records: found } = await records.query({
    collection: accesses,
    where: [
      { field: 'object', is: '==', value: name },
      { field: 'counted', is: '==', value: false },
    ],
    orderBy: { field: 'createdAt', direction: 'asc' },
    limit: mostAccesses,
  })
  const result = await records.transact((tx) => commit(tx, { name, before, found, worker }))
  if (result) await raiseTop(result.heat)
  return { begins: result?.begins ?? false, more: result !== undefined && found.length === mostAccesses }
}

interface Counting {
  name: string
  /** As it was before `found` was looked for. */
  before: TieredObject
  found: StoredRecord<Access>[]
  worker: string
}

async function commit(
  tx: Transaction,
  { name, before, found, worker }: Counting,
): Promise<{ begins: boolean; heat: number } | undefined> {
  const { data: object, readAt: now } = await tx.get(tieredObjects, name)
  const levels = await readLevels(tx)
  // Somebody else has added up meanwhile, perhaps some of what was found, and has set the time to look again.
  if (!object || object.countedAt?.getTime() !== before.countedAt?.getTime()) return undefined
  if (justCounted(object, now)) return undefined
  const { halfLifeDays } = settings
  const isChecked = object.checkAt === undefined || object.checkAt <= now || found.length > 0
  const more = found.length === mostAccesses
  const counted = isChecked
    ? withAccesses(
        object,
        found.map(({ data }) => data),
        { halfLifeDays, more, now },
      )
    : object
  const { next, begins } = place(counted, { levels, now, worker })
  tx.set(tieredObjects, name, next)
  for (const { id, data } of found) tx.set(accesses, id, { ...data, counted: true })
  return { begins, heat: counted.heat }
}
