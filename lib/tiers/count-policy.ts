import { daysUntilBelow } from './heat.ts'
import type { Choice, Holding } from './holding.ts'
import { levelOf, type Level } from './levels.ts'

/** The class of the level in whose range the heat lies, until it will have cooled below that range. */
export function chooseByCount(
  { heat }: Pick<Holding, 'heat'>,
  levels: readonly Level[],
  halfLifeDays: number,
): Choice {
  const { storageClass, minCount } = levelOf(levels, heat)
  return { storageClass, againInDays: daysUntilBelow(heat, minCount, halfLifeDays) }
}
