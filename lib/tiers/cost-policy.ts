import { expectedDemand, type Demand } from './demand.ts'
import type { Choice, Holding } from './holding.ts'
import { lookAhead } from './plan.ts'

/**
 * The class with which the rest of the object's life is expected to cost the least: storage, retrieval, operations, minimum
 * durations and our own records, by its size and by what is to be expected of its demand.
 */
export function chooseByCost(holding: Holding & { idleDays?: number }, halfLifeDays: number): Choice {
  const { storageClass, againInDays } = lookAhead(holding, expectedDemand(holding, halfLifeDays))
  // That nobody asks for it says more, the longer it lasts, than the plan knows. From Archive nothing goes on.
  const patience = storageClass === 'ARCHIVE' ? Infinity : 2 + (holding.idleDays ?? 10) / 2
  return { storageClass, againInDays: Math.min(againInDays, patience) }
}

/** The same, by what somebody else expects. */
export const chooseByDemand = (holding: Holding, demand: Demand): Choice => lookAhead(holding, demand)
