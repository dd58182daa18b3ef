import * as z from 'zod'
import type { Answer } from '../../lib/http/answer.ts'
import { readJson } from '../../lib/http/input.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { later } from '../../lib/jobs/change.ts'
import { serverTime } from '../../lib/server-time.ts'
import {
  changedLevels,
  defaultLevels,
  levelList,
  levelTableId,
  levelTables,
  type Level,
} from '../../lib/tiers/levels.ts'
import { tieredObjects, type TieredObject } from '../../lib/tiers/tiered-object.ts'
import { platform } from '../../platform/index.ts'
import type { Query } from '../../platform/ports.ts'
import { leaseSeconds } from './settings.ts'
import { tellTier } from './tell.ts'

/** The levels as they are now. */
export async function currentLevels(): Promise<readonly Level[]> {
  const records = await platform().records()
  const { data } = await records.get(levelTables, levelTableId)
  return data?.levels ?? defaultLevels
}

export async function showLevels(): Promise<Answer> {
  return { status: 200, body: { levels: await currentLevels() } }
}

const newTable = z.strictObject({ levels: levelList })

/** Replaces all levels. Objects of those that change are looked at from then on. */
export async function replaceLevels({ req }: UserCall): Promise<Answer> {
  const { levels } = await readJson(req, newTable)
  const records = await platform().records()
  const hasChanged = await records.transact(async (tx) => {
    const { data: table, readAt } = await tx.get(levelTables, levelTableId)
    const changed = changedLevels(table?.levels ?? defaultLevels, levels)
    const all = [...new Set([...(table?.changed ?? []), ...changed])]
    const rest = all.length > 0 ? { changed: all, dueAt: readAt } : {}
    tx.set(levelTables, levelTableId, { levels, ...rest, updatedAt: serverTime() })
    return all.length > 0
  })
  if (hasChanged) await tellTier({ levelsChanged: true })
  return { status: 200, body: { levels } }
}

const page = 500

/** Has every object looked at that is in a level which has changed. */
export async function followLevels(): Promise<void> {
  const records = await platform().records()
  const claimed = await claimChange()
  if (!claimed) return
  for (const level of claimed.changed) await tendAll(level)
  await records.transact(async (tx) => {
    const { data: now } = await tx.get(levelTables, levelTableId)
    // Changed once more meanwhile, which made it due anew: that is followed by itself.
    if (now?.dueAt?.getTime() !== claimed.dueAt.getTime()) return
    const { changed: _changed, dueAt: _dueAt, ...rest } = now
    tx.set(levelTables, levelTableId, rest)
  })
}

/** Takes up what is to be followed, unless somebody is at it: it is due again when that should long be over. */
async function claimChange(): Promise<{ changed: string[]; dueAt: Date } | undefined> {
  const records = await platform().records()
  return records.transact(async (tx) => {
    const { data: table, readAt } = await tx.get(levelTables, levelTableId)
    if (!table?.changed || !table.dueAt || table.dueAt > readAt) return undefined
    const { changed } = table
    const dueAt = later(readAt, leaseSeconds)
    tx.set(levelTables, levelTableId, { ...table, dueAt })
    return { changed, dueAt }
  })
}

async function tendAll(level: string): Promise<void> {
  const [records, bus] = await Promise.all([platform().records(), platform().bus()])
  let after: Query<TieredObject>['after']
  for (;;) {
    const { records: found } = await records.query({
      collection: tieredObjects,
      where: [{ field: 'level', is: '==', value: level }],
      orderBy: { field: 'createdAt', direction: 'desc' },
      ...(after && { after }),
      limit: page,
    })
    await Promise.all(found.map(({ id }) => bus.publish('accesses', { object: id })))
    const last = found.at(-1)
    if (!last || found.length < page) return
    after = { value: last.data.createdAt, id: last.id }
  }
}
