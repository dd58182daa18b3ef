import { storageClasses } from '../../lib/storage-class.ts'
import type { Ledger } from './ledger.ts'
import { tariffOf, type Tariff } from './tariff.ts'
import type { History } from './trace.ts'

type Reads = Omit<History, 'bytes'>

/** A class, by its place in `storageClasses`, from the beginning of a day on; and what was before. */
interface Stay {
  place: number
  from: number
  before: Stay | undefined
}

/** A way of having kept the object until now. */
interface State {
  cost: number
  /** Leaving earlier costs as much as staying until then. */
  paidUntil: number
  stay: Stay
}

/** Keeps an object as who knows the future would, for the least that rewriting can cost. */
export function optimum(history: History, ledger: Ledger): void {
  const { bytes, days, readOn, reads } = history
  let { stay } = cheapest(history, tariffOf(bytes))
  let until = days
  for (let next = readOn.length - 1; ;) {
    const storageClass = storageClasses[stay.place] ?? 'STANDARD'
    for (; next >= 0 && (readOn[next] ?? 0) >= stay.from; next--)
      ledger.read(bytes, storageClass, reads[next] ?? 0)
    ledger.keep(bytes, storageClass, until - stay.from)
    if (!stay.before) return
    until = stay.from
    stay = stay.before
    const { place, from } = stay
    ledger.rewrite(bytes, storageClasses[place] ?? 'STANDARD', storageClass, until - from)
  }
}

/**
 * The cheapest way to keep an object, and its cost in US$: a dynamic programme over days, whose states are a class and the day
 * until which it is paid for. Of these only such are kept as may still turn out best. `everyDay`: consider moves on all days,
 * not only on those on which one can be best, to test that.
 */
export function cheapest(history: Reads, tariff: Tariff, everyDay = false): State {
  const { createdOn, days, readOn, reads } = history
  const moving = everyDay ? new Uint8Array(days + 1).fill(1) : movingDays(history, tariff)
  const first: Stay = { place: 0, from: createdOn, before: undefined }
  const states: State[][] = tariff.perDay.map(() => [])
  states[0] = [{ cost: 0, paidUntil: createdOn + (tariff.minimumDays[0] ?? 0), stay: first }]
  for (let day = createdOn, next = 0; day < days;) {
    move(states, tariff, day, moving)
    const count = readOn[next] === day ? (reads[next++] ?? 0) : 0
    let until = day + 1
    while (until < days && moving[until] === 0) until++
    for (const [place, ways] of states.entries()) {
      const cost = (until - day) * (tariff.perDay[place] ?? 0) + count * (tariff.perRead[place] ?? 0)
      for (const way of ways) way.cost += cost
    }
    day = until
  }
  return states.flat().reduce((best, way) => (way.cost < best.cost ? way : best))
}

/**
 * Marks the days on which a move can be best; those on which a minimum duration ends, `move` adds. Between two reads the cost
 * is linear in the day of a move, but for such ends. So a move is best at an end of its range, which is a read or the day after
 * one, or so long before the next move from such a day that the minimum durations in between are just filled.
 */
function movingDays({ createdOn, days, readOn }: Reads, { minimumDays }: Tariff): Uint8Array {
  const moving = new Uint8Array(days + 1)
  const sums = [0]
  for (const minimum of minimumDays)
    if (minimum > 0 && minimum < days) sums.push(...sums.map((sum) => sum + minimum))
  for (const day of [createdOn, createdOn + (minimumDays[0] ?? 0)]) if (day < days) moving[day] = 1
  for (const read of readOn)
    for (const sum of sums)
      for (let day = read - sum; day <= read + 1 - sum; day++) if (day > createdOn) moving[day] = 1
  return moving
}

/** Adds to the states of a day those that are reached by a move at its beginning, and removes what cannot be best any more. */
function move(states: State[][], tariff: Tariff, day: number, moving: Uint8Array): void {
  const leavers = states.map((ways, place) => cheapestToLeave(ways, tariff, place, day))
  for (const [place, ways] of states.entries()) {
    let [best, cost]: [State | undefined, number] = [undefined, Infinity]
    for (const [from, leaver] of leavers.entries()) {
      if (!leaver || from === place) continue
      const left = leavingCost(leaver, tariff, from, day)
      if (left < cost) [best, cost] = [leaver, left]
    }
    if (!best) continue
    cost += tariff.into[place] ?? 0
    // Whoever is there already has paid for no longer.
    if (ways.some((way) => way.cost <= cost)) continue
    const paidUntil = day + (tariff.minimumDays[place] ?? 0)
    const rate = tariff.perDay[place] ?? 0
    const kept = ways.filter((way) => way.cost < cost + (paidUntil - Math.max(way.paidUntil, day)) * rate)
    kept.push({ cost, paidUntil, stay: { place, from: day, before: best.stay } })
    states[place] = kept
    if (paidUntil < moving.length) moving[paidUntil] = 1
  }
}

function cheapestToLeave(ways: State[], tariff: Tariff, from: number, day: number): State | undefined {
  let [best, cost]: [State | undefined, number] = [undefined, Infinity]
  for (const way of ways) {
    const left = leavingCost(way, tariff, from, day)
    if (left < cost) [best, cost] = [way, left]
  }
  return best
}

/** US$ until the object has left its class. */
const leavingCost = ({ cost, paidUntil }: State, tariff: Tariff, from: number, day: number): number =>
  cost + Math.max(0, paidUntil - day) * (tariff.perDay[from] ?? 0) + (tariff.outOf[from] ?? 0)
