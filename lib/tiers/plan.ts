import { storageClasses, type StorageClass } from '../storage-class.ts'
import type { Forecast } from './demand.ts'
import { classPrices, earlyDeletionPrice, recordPrices, retrievalPrice, storagePrice } from './prices.ts'

/** An object where it is now. */
export interface Placed {
  /** What is stored. */
  bytes: number
  /** What one access reads, on average. */
  bytesRead: number
  storageClass: StorageClass
  /** Days that it has been in this class. */
  classDays: number
}

/** Where to put an object now, and in how many days to think again if nobody has asked for it until then. */
export interface Plan {
  storageClass: StorageClass
  againInDays: number
}

/** What a move costs in records, in US$: object and job are read and written when it begins and ends, and the move is noted. */
export const moveRecordsPrice = 4 * recordPrices.read + 4 * recordPrices.write + recordPrices.delete

/** The days from now on which a plan may move an object on. */
const laterDays = [0.5, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 90, 120, 180, 270]
const days = [...laterDays, 365]
/** Nobody says how long an object is kept: this is the mean of an exponential distribution. */
const meanLifeDays = 700
const survival = days.map((day) => Math.exp(-day / meanLifeDays))
const lived = survival.map((share) => meanLifeDays * (1 - share))

/** Days that are missing of the class's minimum duration, on average, because the object is deleted. */
const missingDays = (storageClass: StorageClass): number => {
  const { minimumDays } = classPrices[storageClass]
  return minimumDays - meanLifeDays * (1 - Math.exp(-minimumDays / meanLifeDays))
}

/**
 * The cheapest way through the next year, as far as one can foresee: first in one class, then in a colder one to the end.
 * Counted are storage, retrieval, operations, minimum durations and our own records; in US$.
 */
export function cheapestPlan(object: Placed, expectedAccesses: Forecast): Plan {
  const accesses = expectedAccesses(days)
  const stays = storageClasses.map((storageClass) => stay(object, storageClass, accesses))
  let best: Plan & { price: number } = { storageClass: object.storageClass, againInDays: 0, price: Infinity }
  for (const [place, first] of storageClasses.entries()) {
    const costs = stays[place] ?? []
    const begin =
      first === object.storageClass ? 0 : movePrice(object, object.storageClass, first, object.classDays)
    const wholePrice = begin + (costs.at(-1) ?? 0)
    if (wholePrice < best.price)
      best = { storageClass: first, againInDays: days.at(-1) ?? 0, price: wholePrice }
    const held = first === object.storageClass ? object.classDays : 0
    for (const [step, day] of laterDays.entries()) {
      for (const [colder, then] of storageClasses.entries()) {
        if (colder <= place) continue
        const rest = (stays[colder]?.at(-1) ?? 0) - (stays[colder]?.[step] ?? 0)
        const price =
          begin +
          (costs[step] ?? 0) +
          (survival[step] ?? 0) * movePrice(object, first, then, held + day) +
          rest
        if (price < best.price) best = { storageClass: first, againInDays: day, price }
      }
    }
  }
  return best
}

/** What it costs to keep an object in a class, and to read it there, until each of the days. */
const stay = (
  { bytes, bytesRead }: Placed,
  storageClass: StorageClass,
  accesses: readonly number[],
): number[] => {
  const perAccess = classPrices[storageClass].read + retrievalPrice(storageClass, bytesRead)
  return lived.map((day, step) => storagePrice(storageClass, bytes, day) + (accesses[step] ?? 0) * perAccess)
}

/** What it costs to rewrite an object into another class, after so many days in the one where it is. */
const movePrice = ({ bytes }: Placed, from: StorageClass, to: StorageClass, heldDays: number): number =>
  retrievalPrice(from, bytes) +
  earlyDeletionPrice(from, bytes, heldDays) +
  classPrices[to].write +
  storagePrice(to, bytes, missingDays(to)) +
  moveRecordsPrice
