import type { StorageClass } from '../../lib/storage-class.ts'
import type { Ledger } from './ledger.ts'
import type { History } from './trace.ts'

/** Days without a read after which an object is moved, where Archive is set as the last class. */
const steps: readonly (readonly [idleDays: number, storageClass: StorageClass])[] = [
  [0, 'STANDARD'],
  [30, 'NEARLINE'],
  [90, 'COLDLINE'],
  [365, 'ARCHIVE'],
]
/** Smaller objects stay in Standard and pay no fee. */
const smallest = 128 * 2 ** 10
const feePerDay = 0.0025 / 1000 / 30

/**
 * Keeps an object as Autoclass is documented to, https://cloud.google.com/storage/docs/autoclass: no retrieval, no early
 * deletion, moves for nothing, and operations at the rate of Standard. A read brings the object back to Standard, here at the
 * end of its day, as moves of all policies are.
 */
export function autoclass({ createdOn, bytes, days, readOn, reads }: History, ledger: Ledger): void {
  for (const count of reads) ledger.read(bytes, 'STANDARD', count)
  if (bytes < smallest) {
    ledger.keep(bytes, 'STANDARD', days - createdOn)
    return
  }
  ledger.fees += (days - createdOn) * feePerDay
  let idleFrom = createdOn
  for (const day of readOn) {
    if (keepIdle(bytes, day + 1 - idleFrom, ledger)) ledger.moves++
    idleFrom = day + 1
  }
  keepIdle(bytes, days - idleFrom, ledger)
}

/** Keeps an object for days without a read but on the last one. Whether it has left Standard. */
function keepIdle(bytes: number, idleDays: number, ledger: Ledger): boolean {
  for (const [step, [from, storageClass]] of steps.entries()) {
    if (idleDays <= from) break
    const to = Math.min(idleDays, steps[step + 1]?.[0] ?? Infinity)
    ledger.keep(bytes, storageClass, to - from)
    if (step > 0) ledger.moves++
  }
  return idleDays > (steps[1]?.[0] ?? Infinity)
}
