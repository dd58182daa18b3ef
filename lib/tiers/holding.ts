import type { StorageClass } from '../storage-class.ts'

/** What a policy looks at: one object as it is now. */
export interface Holding {
  /** Of the object. */
  bytes: number
  storageClass: StorageClass
  /** Since it has come into its class. */
  daysInClass: number
  ageDays: number
  /** Since somebody has asked for it, or since it was new. */
  idleDays: number
  /** How often it was asked for, older accesses counting less (`cooled`). */
  heat: number
  /** What one access reads of it. */
  perAccess: { bytes: number; requests: number }
}

/** Where an object belongs. */
export interface Choice {
  storageClass: StorageClass
  /** In how many days to choose anew if nobody asks for the object until then; Infinity: not at all. */
  againInDays: number
}
