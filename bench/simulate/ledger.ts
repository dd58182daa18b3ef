import type { StorageClass } from '../../lib/storage-class.ts'
import {
  movingCost,
  readingCost,
  recordPrices,
  storagePerDay,
  storagePrices,
} from '../../lib/tiers/storage-prices.ts'

/** What a bill is made of. Fees: Autoclass's for looking after objects, and what our own records cost. */
export const parts = ['storage', 'retrieval', 'operations', 'earlyDeletion', 'fees'] as const
export type Part = (typeof parts)[number]

/** US$ for the records that are written when `tier` moves an object: what `movingCost` has besides Cloud Storage's charges. */
export const bookkeeping = movingCost(0, 'STANDARD', 'STANDARD', 0) - storagePrices.STANDARD.classA

/** US$ for our records of one access: written down, added to its object and marked, each of them read before. */
export const counting = 3 * recordPrices.write + 5 * recordPrices.read
/** US$ for our records when the policy is asked although nobody has asked for the object. */
export const looking = recordPrices.write + 4 * recordPrices.read

/** What one policy has cost, in US$, by part. Objects are created in Standard, which costs the same with every policy and is left out. */
export class Ledger implements Record<Part, number> {
  storage = 0
  retrieval = 0
  operations = 0
  earlyDeletion = 0
  fees = 0
  /** Changes of class. */
  moves = 0
  /** How often the policy was asked. */
  looks = 0

  /** US$. */
  get total(): number {
    return this.storage + this.retrieval + this.operations + this.earlyDeletion + this.fees
  }

  /** So many bytes stay in a class for so many days. */
  keep(bytes: number, storageClass: StorageClass, days: number): void {
    this.storage += days * storagePerDay(bytes, storageClass)
  }

  /** An object of so many bytes is read so many times, whole and by one request each. */
  read(bytes: number, storageClass: StorageClass, reads: number): void {
    this.retrieval += readingCost(reads * bytes, 0, storageClass)
    this.operations += readingCost(0, reads, storageClass)
  }

  /** An object is written anew in another class, which counts as reading it and as deleting it after `daysInClass` days. */
  rewrite(bytes: number, from: StorageClass, to: StorageClass, daysInClass: number): void {
    this.moves++
    this.operations += storagePrices[to].classA
    this.retrieval += readingCost(bytes, 0, from)
    this.earlyDeletion +=
      Math.max(0, storagePrices[from].minimumDays - daysInClass) * storagePerDay(bytes, from)
  }
}
