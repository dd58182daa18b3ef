import { serverTime } from '../../lib/server-time.ts'
import { defaultLevels, levelTableId, levelTables, raised, type LevelTable } from '../../lib/tiers/levels.ts'
import { platform } from '../../platform/index.ts'
import type { Transaction } from '../../platform/ports.ts'

const secondMilliseconds = 1000

/** Lets the highest level reach as far as a count that was added up; not more often than once a second, the next access will do. */
export async function raiseTop(count: number): Promise<void> {
  const records = await platform().records()
  const whole = Math.floor(count)
  const { data } = await records.get(levelTables, levelTableId)
  const levels = data?.levels ?? defaultLevels
  if (raised(levels, whole) === levels) return
  await records.transact(async (tx) => {
    const { data: table, readAt } = await tx.get(levelTables, levelTableId)
    if (table && readAt.getTime() - table.updatedAt.getTime() < secondMilliseconds) return
    writeRaised(tx, table, whole)
  })
}

/** Writes the table with its highest level raised to a count, if that is above it. To be called when all was read. */
export function writeRaised(tx: Transaction, table: LevelTable | undefined, count: number): void {
  const present = table?.levels ?? defaultLevels
  const levels = raised(present, count)
  if (levels === present) return
  tx.set(levelTables, levelTableId, { ...table, levels: [...levels], updatedAt: serverTime() })
}
