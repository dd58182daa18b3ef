import { levelTableId, levelTables } from '../../lib/tiers/levels.ts'
import { tieredObjects } from '../../lib/tiers/tiered-object.ts'
import { platform } from '../../platform/index.ts'
import { due } from './due.ts'

/** Has `tier` look at what is due. Until it has, the next sweep does so again. */
export async function sweepObjects(): Promise<void> {
  const [records, bus] = await Promise.all([platform().records(), platform().bus()])
  const { data: table, readAt } = await records.get(levelTables, levelTableId)
  if (table?.dueAt && table.dueAt <= readAt) await bus.publish('accesses', { levelsChanged: true })
  for await (const page of due(tieredObjects))
    await Promise.all(page.map(({ id }) => bus.publish('accesses', { object: id })))
}
