import type { Answer } from '../../lib/http/answer.ts'
import type { UserCall } from '../../lib/http/router.ts'
import { storageClasses, type StorageClass } from '../../lib/storage-class.ts'
import { moves, savedUntil, type MoveRecord } from '../../lib/tiers/move.ts'
import { daysPerMonth, storagePerDay } from '../../lib/tiers/storage-prices.ts'
import { levelTableId, levelTables } from '../../lib/tiers/levels.ts'
import { tieredObjects, type TieredObject } from '../../lib/tiers/tiered-object.ts'
import { platform } from '../../platform/index.ts'
import type { Matching } from '../../platform/ports.ts'
import { currentLevels } from './level-table.ts'

const windowMilliseconds = 30 * 24 * 60 * 60 * 1000

interface Row {
  /** Absent: no level has this class. */
  level?: string
  storageClass: StorageClass
  objects: number
  bytes: number
  /** US$ for keeping that for a month. */
  costPerMonth: number
}

/** What is kept in each level and what that costs, and what moves have saved: of the caller's objects, for an admin of all. */
export async function report({ user }: UserCall): Promise<Answer> {
  const owner = user.role === 'admin' ? undefined : user.id
  const levels = await currentLevels()
  const names = [...levels.map(({ name }) => name), '']
  const pairs = names.flatMap((level) => storageClasses.map((storageClass) => ({ level, storageClass })))
  const rows = await Promise.all(pairs.map(({ level, storageClass }) => rowOf(owner, level, storageClass)))
  const own = new Map(levels.map(({ name, storageClass }) => [name, storageClass]))
  // A level is shown even when it is empty; what is on its way into its class or out of it, only where there is some.
  const shown = rows.filter((row) => row.objects > 0 || own.get(row.level ?? '') === row.storageClass)
  return { status: 200, body: { levels: shown, moves: await movesOf(owner) } }
}

async function rowOf(owner: string | undefined, level: string, storageClass: StorageClass): Promise<Row> {
  const records = await platform().records()
  const matching: Matching<TieredObject> = {
    collection: tieredObjects,
    where: [
      ...(owner === undefined ? [] : [{ field: 'owner', is: '==', value: owner } as const]),
      { field: 'level', is: '==', value: level },
      { field: 'storageClass', is: '==', value: storageClass },
      { field: 'bytes', is: '>=', value: 0 },
    ],
  }
  const [objects, bytes] = await Promise.all([records.count(matching), records.sum(matching, 'bytes')])
  const costPerMonth = storagePerDay(bytes, storageClass) * daysPerMonth
  return { ...(level !== '' && { level }), storageClass, objects, bytes, costPerMonth }
}

/** The moves of the last 30 days: what they have cost, what they have saved so far, and will in a month. */
async function movesOf(owner: string | undefined): Promise<Record<string, unknown>> {
  const records = await platform().records()
  const { readAt: now } = await records.get(levelTables, levelTableId)
  const since = new Date(now.getTime() - windowMilliseconds)
  const matching: Matching<MoveRecord> = {
    collection: moves,
    where: [
      ...(owner === undefined ? [] : [{ field: 'owner', is: '==', value: owner } as const]),
      { field: 'at', is: '>=', value: since },
    ],
  }
  const [count, fees, savesPerDay, offset] = await Promise.all([
    records.count(matching),
    records.sum(matching, 'fee'),
    records.sum(matching, 'savesPerDay'),
    records.sum(matching, 'savingOffset'),
  ])
  return {
    since: since.toISOString(),
    count,
    fees,
    savesPerMonth: savesPerDay * daysPerMonth,
    savedSoFar: savedUntil(now, savesPerDay, offset, fees),
  }
}
