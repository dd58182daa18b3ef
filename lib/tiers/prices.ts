import type { StorageClass } from '../storage-class.ts'

/** What keeping, reading and moving objects of one storage class costs, in US$. */
export interface ClassPrices {
  storedGibMonth: number
  readGib: number
  /** What leaves the class earlier is paid for as if it had stayed so long. */
  minimumDays: number
  /** One write into the class: a new object, or a rewrite (an operation of class A). */
  write: number
  /** One read (an operation of class B). */
  read: number
}

/** Google's list prices in us-central1, looked up on 2026-11-20. */
export const classPrices: Readonly<Record<StorageClass, ClassPrices>> = {
  STANDARD: { storedGibMonth: 0.02, readGib: 0, minimumDays: 0, write: 0.005 / 1000, read: 0.0004 / 1000 },
  NEARLINE: { storedGibMonth: 0.01, readGib: 0.01, minimumDays: 30, write: 0.01 / 1000, read: 0.001 / 1000 },
  COLDLINE: { storedGibMonth: 0.004, readGib: 0.02, minimumDays: 90, write: 0.02 / 1000, read: 0.01 / 1000 },
  ARCHIVE: { storedGibMonth: 0.0012, readGib: 0.05, minimumDays: 365, write: 0.05 / 1000, read: 0.05 / 1000 },
}

/** One read, write or deletion of a record in Firestore, in US$: us-central1, looked up on 2026-11-20. */
export const recordPrices = { read: 0.03 / 1e5, write: 0.09 / 1e5, delete: 0.01 / 1e5 } as const

const gib = 2 ** 30
const monthDays = 365 / 12

/** US$ for keeping so many bytes for so many days. */
export const storagePrice = (storageClass: StorageClass, bytes: number, days: number): number =>
  (classPrices[storageClass].storedGibMonth / monthDays) * (bytes / gib) * days

/** US$ for reading so many bytes, the operation left out. */
export const retrievalPrice = (storageClass: StorageClass, bytes: number): number =>
  classPrices[storageClass].readGib * (bytes / gib)

/** US$ for what is missing of the class's minimum duration when an object leaves it after so many days, moved or deleted. */
export const earlyDeletionPrice = (storageClass: StorageClass, bytes: number, days: number): number =>
  storagePrice(storageClass, bytes, Math.max(0, classPrices[storageClass].minimumDays - days))
