import type { StorageClass } from '../storage-class.ts'

/** What Cloud Storage charges in one class, in US$. */
export interface ClassPrices {
  /** For a GiB kept for a month. */
  gibMonth: number
  /** For a GiB read. */
  gibRead: number
  /** What goes earlier is charged as if it had stayed so long. */
  minimumDays: number
  /** For one operation of class A (write, rewrite into this class) and of class B (read). */
  classA: number
  classB: number
}

/** List prices of us-central1, of autumn 2026; bench/prices.ts has those of everything else. */
export const storagePrices: Readonly<Record<StorageClass, ClassPrices>> = {
  STANDARD: { gibMonth: 0.02, gibRead: 0, minimumDays: 0, classA: 0.005e-3, classB: 0.0004e-3 },
  NEARLINE: { gibMonth: 0.01, gibRead: 0.01, minimumDays: 30, classA: 0.01e-3, classB: 0.001e-3 },
  COLDLINE: { gibMonth: 0.004, gibRead: 0.02, minimumDays: 90, classA: 0.02e-3, classB: 0.01e-3 },
  ARCHIVE: { gibMonth: 0.0012, gibRead: 0.05, minimumDays: 365, classA: 0.05e-3, classB: 0.05e-3 },
}

/** What Firestore charges for one document, in US$. */
export const recordPrices = { read: 0.03e-5, write: 0.09e-5 } as const

export const daysPerMonth = 365 / 12

const gib = 2 ** 30

/** US$ a day for keeping so many bytes in a class. */
export const storagePerDay = (bytes: number, storageClass: StorageClass): number =>
  ((bytes / gib) * storagePrices[storageClass].gibMonth) / daysPerMonth

/** US$ for reading so many bytes from a class by so many requests. What leaves the cloud costs the same from every class. */
export function readingCost(bytes: number, requests: number, storageClass: StorageClass): number {
  const { gibRead, classB } = storagePrices[storageClass]
  return (bytes / gib) * gibRead + requests * classB
}

// A move is begun, claimed and finished, and noted; each of these looks at a record or two.
const bookkeeping = 5 * recordPrices.write + 8 * recordPrices.read

/**
 * US$ for a move out of a class in which the object has been for so many days: "class A operation at the destination's rate",
 * retrieval, the rest of the minimum duration, and our own records of it.
 */
export function movingCost(bytes: number, from: StorageClass, to: StorageClass, daysInClass: number): number {
  const early = Math.max(0, storagePrices[from].minimumDays - daysInClass)
  return (
    storagePrices[to].classA +
    (bytes / gib) * storagePrices[from].gibRead +
    early * storagePerDay(bytes, from) +
    bookkeeping
  )
}
