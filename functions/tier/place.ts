import { randomUUID } from 'node:crypto'
import { later } from '../../lib/jobs/change.ts'
import type { Writable } from '../../lib/server-time.ts'
import type { Level } from '../../lib/tiers/levels.ts'
import { choose } from '../../lib/tiers/policy.ts'
import { holdingOf, placed, type TieredObject } from '../../lib/tiers/tiered-object.ts'
import { leaseSeconds, settings } from './settings.ts'

/** The object with the class chosen for it that it is to have now. `begins`: a move to it begins, which is this worker's. */
export function place(
  object: Writable<TieredObject>,
  { levels, now, worker }: { levels: readonly Level[]; now: Date; worker: string },
): { next: Writable<TieredObject>; begins: boolean } {
  // The times that the store has yet to write are not what a policy looks at.
  const holding = holdingOf(object as TieredObject, settings.halfLifeDays, now)
  const choice = choose(holding, levels, settings, object.byRanges)
  const move = { id: randomUUID(), worker, leaseUntil: later(now, leaseSeconds) }
  const next = placed(object, choice, { levels, now, heat: holding.heat, move })
  return { next, begins: next.move?.id === move.id }
}
