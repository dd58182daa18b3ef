import { serverTime } from '../../lib/server-time.ts'
import { defaultLevels, levelTableId, levelTables, raised } from '../../lib/tiers/levels.ts'
import { platform } from '../../platform/index.ts'

const secondMilliseconds = 1000

/** Lets the highest level reach as far as this count; not more often than once a second, the next time will do. */
export async function raiseTop(count: number): Promise<void> {
  const records = await platform().records()
  const whole = Math.floor(count)
  const { data } = await records.get(levelTables, levelTableId)
  const levels = data?.levels ?? defaultLevels
  if (raised(levels, whole) === levels) return
  await records.transact(async (tx) => {
    const { data: table, readAt } = await tx.get(levelTables, levelTableId)
    const present = table?.levels ?? defaultLevels
    const next = raised(present, whole)
    const isTooSoon = table && readAt.getTime() - table.updatedAt.getTime() < secondMilliseconds
    if (next === present || isTooSoon) return
    tx.set(levelTables, levelTableId, { ...table, levels: [...next], updatedAt: serverTime() })
  })
}
