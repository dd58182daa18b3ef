import { expectedDemand, type Demand } from './demand.ts'
import type { Choice, Holding } from './holding.ts'
import { lookAhead } from './plan.ts'

/**
 * The class with which the rest of the object's life is expected to cost the least: storage, retrieval, operations, minimum
 * durations and our own records, by its size and by what is to be expected of its demand.
 */
export function chooseByCost(holding: Holding, halfLifeDays: number): Choice {
  const { storageClass, againInDays } = chooseByDemand(holding, expectedDemand(holding, halfLifeDays))
  // The longer nobody asks for it, the slower that says more. From Archive nothing goes on.
  const patience = storageClass === 'ARCHIVE' ? Infinity : 10 + 2 * holding.idleDays
  return { storageClass, againInDays: Math.min(againInDays, patience) }
}

/** The same, by what somebody else expects. */
export const chooseByDemand = (holding: Holding, demand: Demand): Choice => lookAhead(holding, demand)
