import { storageClasses } from '../storage-class.ts'
import type { Demand } from './demand.ts'
import type { Choice, Holding } from './holding.ts'
import { movingCost, readingCost, storagePerDay, storagePrices } from './storage-prices.ts'

/** An object that has some years to live is as likely to be deleted on any day: on average after so many. */
export const lifeDays = 730

/** The share of objects that are still there after so many days. */
const share = (days: number): number => Math.exp(-days / lifeDays)

/** Times from now between which it is asked whether somebody has asked for the object. */
const days = [0, 1, 3, 7, 13, 22, 36, 60, 100, 180, 365]
const steps = days.slice(1).map((to, index) => {
  const from = days[index] ?? 0
  return { from, middle: (from + to) / 2, left: share(to - from) }
})
/** Moves that are considered after an access: so many days after it. */
const laterMoves = [7, 20, 60, 180].map((day) => ({ day, left: share(day) }))

/** What it costs to keep an object in a class, in US$. */
interface Keeping {
  /** For storage, a day, and for the object's life. */
  perDay: number
  forLife: number
  perAccess: number
  /** For moving in, with what is charged for the minimum duration if the object is deleted before its end. */
  into: number
  /** For moving out, without early deletion. */
  outOf: number
  /** Until days from now; if it is moved into now, where it is not there already. */
  paidUntil: number
}

// Stand for what is beyond the ends of lists, where nothing looks.
const never = { from: 0, middle: 0, left: 1 }
const free: Keeping = { perDay: 0, forLife: 0, perAccess: 0, into: 0, outOf: 0, paidUntil: 0 }

function keepingsOf({ bytes, perAccess, storageClass: present, daysInClass }: Holding): Keeping[] {
  return storageClasses.map((storageClass) => {
    const { minimumDays } = storagePrices[storageClass]
    const perDay = storagePerDay(bytes, storageClass)
    const deleted = minimumDays - (1 - share(minimumDays)) * lifeDays
    return {
      perDay,
      forLife: perDay * lifeDays,
      perAccess: readingCost(perAccess.bytes, perAccess.requests, storageClass),
      into: movingCost(0, 'STANDARD', storageClass, Infinity) + perDay * deleted,
      outOf: readingCost(bytes, 0, storageClass),
      paidUntil: minimumDays - (storageClass === present ? daysInClass : 0),
    }
  })
}

/** US$ for leaving a class after so many days from now. */
const leaving = ({ perDay, outOf, paidUntil }: Keeping, after: number): number =>
  outOf + perDay * Math.max(0, paidUntil - after)

/**
 * Puts into `least`, by class, what it costs at least to stay, which costs `stays`, or to move after so many days from now and
 * stay there.
 */
function orMove(keepings: readonly Keeping[], stays: Float64Array, after: number, least: Float64Array): void {
  for (let place = 0; place < keepings.length; place++) {
    const out = leaving(keepings[place] ?? free, after)
    let best = stays[place] ?? Infinity
    for (let other = 0; other < keepings.length; other++) {
      const cost = out + (keepings[other]?.into ?? 0) + (stays[other] ?? 0)
      if (cost < best && other !== place) best = cost
    }
    least[place] = best
  }
}

/**
 * Where to keep an object so that the rest of its life is expected to cost the least, and when to look again if nobody asks for
 * it until then. Reckoned backwards: in each step either somebody asks for the object, and from then on it is kept as is best
 * with what is known by then (`Aftermath`), or nobody does, less is expected of it, and at the end of the step it may move.
 */
export function lookAhead(holding: Holding, { perDay, fading, shape }: Demand): Choice {
  const keepings = keepingsOf(holding)
  const present = storageClasses.indexOf(holding.storageClass)
  const falling = fading + 1 / lifeDays
  const aftermath = new Aftermath(keepings, falling)
  const last = days.at(-1) ?? 0
  // Of a gamma distribution: the days in which `shape` accesses come, which grow while none comes.
  const scale = shape / perDay
  let scaleTo = scale - Math.expm1(-fading * last) / fading
  const rest = (shape / scaleTo) * (Math.exp(-fading * last) / falling)
  const values = Float64Array.from(keepings, ({ forLife, perAccess }) => forLife + perAccess * rest)
  const stays = Float64Array.from(values)
  const moveOn = keepings.map(() => Infinity)
  for (let index = steps.length - 1; index >= 0; index--) {
    const { from, middle, left } = steps[index] ?? never
    const faded = Math.exp(-fading * middle)
    const rate = ((shape + 1) / (scale + (1 - faded) / fading)) * faded
    const scaleFrom = scale - Math.expm1(-fading * from) / fading
    const asked = 1 - (scaleFrom / scaleTo) ** shape
    scaleTo = scaleFrom
    const after = aftermath.of(rate, middle)
    for (let place = 0; place < keepings.length; place++) {
      const { forLife, perAccess } = keepings[place] ?? free
      const storage = forLife * (1 - left) * (1 - asked / 2)
      const ifAsked = perAccess + (after[place] ?? 0)
      stays[place] = storage + left * (asked * ifAsked + (1 - asked) * (values[place] ?? 0))
    }
    if (index === 0) break
    orMove(keepings, stays, from, values)
    for (let place = 0; place < keepings.length; place++)
      if ((values[place] ?? 0) < (stays[place] ?? 0)) moveOn[place] = from
  }
  const out = leaving(keepings[present] ?? free, 0)
  let [best, cost] = [present, stays[present] ?? Infinity]
  for (const [place, { into }] of keepings.entries()) {
    const moved = out + into + (stays[place] ?? 0)
    if (place !== present && moved < cost) [best, cost] = [place, moved]
  }
  return { storageClass: storageClasses[best] ?? 'STANDARD', againInDays: moveOn[best] ?? Infinity }
}

/** What is expected of an object after it was asked for. */
class Aftermath {
  readonly #keepings: readonly Keeping[]
  readonly #falling: number
  /** By later move: the accesses from then on, for one a day now. */
  readonly #accesses: number[]
  readonly #plans: Float64Array
  readonly #least: Float64Array

  constructor(keepings: readonly Keeping[], falling: number) {
    this.#keepings = keepings
    this.#falling = falling
    this.#accesses = laterMoves.map(({ day }) => Math.exp(-falling * day) / falling)
    this.#plans = new Float64Array(keepings.length)
    this.#least = new Float64Array(keepings.length)
  }

  /** By class, US$ for the rest of an object's life: with one move after so many days from now, and one later on, at most. */
  of(rate: number, after: number): Float64Array {
    const keepings = this.#keepings
    const plans = this.#plans
    const all = rate / this.#falling
    for (let place = 0; place < keepings.length; place++) {
      const { forLife, perAccess } = keepings[place] ?? free
      plans[place] = forLife + perAccess * all
    }
    for (let index = 0; index < laterMoves.length; index++) {
      const left = laterMoves[index]?.left ?? 0
      const accesses = rate * (this.#accesses[index] ?? 0)
      let there = Infinity
      for (let place = 0; place < keepings.length; place++) {
        const { forLife, perAccess, into } = keepings[place] ?? free
        const cost = left * (into + forLife) + perAccess * accesses
        if (cost < there) there = cost
      }
      for (let place = 0; place < keepings.length; place++) {
        const { forLife, perAccess, outOf } = keepings[place] ?? free
        const cost = forLife * (1 - left) + perAccess * (all - accesses) + left * outOf + there
        if (cost < (plans[place] ?? 0)) plans[place] = cost
      }
    }
    orMove(keepings, plans, after, this.#least)
    return this.#least
  }
}
