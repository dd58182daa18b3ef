import type { StorageClass } from '../../lib/storage-class.ts'
import { storagePrices } from '../../lib/tiers/storage-prices.ts'
import type { Ledger } from './ledger.ts'
import type { History } from './trace.ts'

/** A bucket's rule: at which age an object goes to which class, by rising age. Nothing comes back. */
export type Rule = readonly (readonly [ageDays: number, storageClass: StorageClass])[]

/** The rules that are compared. The first does nothing. */
export const rules: readonly Rule[] = [
  [],
  [
    [30, 'NEARLINE'],
    [90, 'COLDLINE'],
    [365, 'ARCHIVE'],
  ],
  [[30, 'NEARLINE']],
  [[30, 'COLDLINE']],
  [[1, 'COLDLINE']],
  [[1, 'ARCHIVE']],
]

/** What a rule is called in tables. */
export const nameOf = (rule: Rule): string => {
  if (rule.length === 0) return 'all Standard'
  const title = (name: string): string => name.charAt(0) + name.slice(1).toLowerCase()
  const [ages, classes] = [rule.map(([age]) => age), rule.map(([, storageClass]) => title(storageClass))]
  return `at ${ages.join('/')} ${ages.at(-1) === 1 ? 'day' : 'days'} to ${classes.join('/')}`
}

/** Keeps an object by a rule: "no retrieval or early deletion fees" for the moves, an operation of class A for each. */
export function lifecycle(
  { createdOn, bytes, days, readOn, reads }: History,
  rule: Rule,
  ledger: Ledger,
): void {
  let storageClass: StorageClass = 'STANDARD'
  let since = createdOn
  let next = 0
  for (const step of [...rule, undefined]) {
    const until = Math.min(days, createdOn + (step?.[0] ?? Infinity))
    for (; (readOn[next] ?? Infinity) < until; next++) ledger.read(bytes, storageClass, reads[next] ?? 0)
    ledger.keep(bytes, storageClass, until - since)
    since = until
    if (!step || until === days) return
    ;[, storageClass] = step
    ledger.operations += storagePrices[storageClass].classA
    ledger.moves++
  }
}
