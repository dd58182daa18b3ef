import { storageClasses } from '../../lib/storage-class.ts'
import { readingCost, storagePerDay, storagePrices } from '../../lib/tiers/storage-prices.ts'

/** What one object costs, in US$, by the class's place in `storageClasses`. */
export interface Tariff {
  perDay: readonly number[]
  perRead: readonly number[]
  /** For moving in and out, without early deletion. */
  into: readonly number[]
  outOf: readonly number[]
  minimumDays: readonly number[]
}

/** The tariff for an object of so many bytes that is read whole. Our own records are left out: it is what Google charges at least. */
export const tariffOf = (bytes: number): Tariff => ({
  perDay: storageClasses.map((storageClass) => storagePerDay(bytes, storageClass)),
  perRead: storageClasses.map((storageClass) => readingCost(bytes, 1, storageClass)),
  into: storageClasses.map((storageClass) => storagePrices[storageClass].classA),
  outOf: storageClasses.map((storageClass) => readingCost(bytes, 0, storageClass)),
  minimumDays: storageClasses.map((storageClass) => storagePrices[storageClass].minimumDays),
})
