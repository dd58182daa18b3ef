import { forecast, type Demand } from './demand.ts'
import { levelOf, type Level } from './levels.ts'
import { cheapestPlan, type Placed, type Plan } from './plan.ts'

/** What a policy knows of an object. */
export interface Tiered extends Placed {
  /** Days since it was made. */
  age: number
  demand: Demand
  /** Accesses, each worth less as time goes by; as it is now. */
  heat: number
}

/** Where an object belongs, and in how many days to think again if nobody asks for it until then. */
export type Policy = (object: Tiered) => Plan

/** For so many days a new object stays where it was made: it is asked for most then, and least is known of it. */
export const graceDays = 7

/** What is cheapest to expect. */
export const byCost: Policy = (object) =>
  inGrace(object) ?? cheapestPlan(object, forecast(object.demand, object.age))

/** By the ranges that the levels have for an object's heat, which halves in so many days (0: never). */
export const byCount =
  (levels: readonly Level[], halfLifeDays: number): Policy =>
  (object) => {
    const { storageClass, minCount } = levelOf(levels, object.heat)
    return inGrace(object) ?? { storageClass, againInDays: daysUntil(minCount, object.heat, halfLifeDays) }
  }

const inGrace = ({ age, storageClass }: Tiered): Plan | undefined =>
  age < graceDays ? { storageClass, againInDays: graceDays - age } : undefined

/** In how many days the heat is below this count; Infinity where it never is. */
function daysUntil(count: number, heat: number, halfLifeDays: number): number {
  if (count === 0 || halfLifeDays === 0) return Infinity
  const days = halfLifeDays * Math.log2(heat / count)
  // Just below it, and not at it.
  return Math.max(days, 0) + halfLifeDays * 1e-6
}
