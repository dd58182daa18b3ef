import { chooseByCost } from './cost-policy.ts'
import { chooseByCount } from './count-policy.ts'
import type { Choice, Holding } from './holding.ts'
import type { Level } from './levels.ts'

export const tierPolicies = ['count', 'cost'] as const
export type TierPolicy = (typeof tierPolicies)[number]

export interface PolicySettings {
  policy: TierPolicy
  /** 0: nothing cools. */
  halfLifeDays: number
  /** New objects are left alone for so long. */
  graceDays: number
}

/**
 * Where an object belongs, and when to ask again. `byRanges`: somebody has said its count, so that the ranges choose at once,
 * whatever the settings say.
 */
export function choose(
  holding: Holding,
  levels: readonly Level[],
  { policy, halfLifeDays, graceDays }: PolicySettings,
  byRanges = false,
): Choice {
  if (byRanges) return chooseByCount(holding, levels, halfLifeDays)
  const { storageClass, ageDays } = holding
  if (ageDays < graceDays) return { storageClass, againInDays: graceDays - ageDays }
  return policy === 'count'
    ? chooseByCount(holding, levels, halfLifeDays)
    : chooseByCost(holding, halfLifeDays)
}
