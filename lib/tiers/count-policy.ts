import type { StorageClass } from '../storage-class.ts'
import { daysUntilBelow } from './heat.ts'
import type { Choice } from './holding.ts'
import { levelOf, type Level } from './levels.ts'

/** An object stays in its level until its heat is below this share of the range: else it would leave it as soon as it came. */
const slack = 0.9

/**
 * The class of the level in whose range the heat lies, until it will have cooled well below that range. An object that is in the
 * class of a higher level stays there for so long; one whose class is not given is taken to be nowhere yet.
 */
export function chooseByCount(
  { heat, storageClass: present }: { heat: number; storageClass?: StorageClass },
  levels: readonly Level[],
  halfLifeDays: number,
): Choice {
  const byHeat = levelOf(levels, heat)
  const kept = levels.findLast((level) => level.storageClass === present && level.minCount * slack <= heat)
  const { storageClass, minCount } = kept && kept.minCount > byHeat.minCount ? kept : byHeat
  return { storageClass, againInDays: daysUntilBelow(heat, minCount * slack, halfLifeDays) }
}
