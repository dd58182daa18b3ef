import type { Collection } from '../collection.ts'
import type { StorageClass } from '../storage-class.ts'

/** A change of an object's storage class: begun in one transaction, ended in another. */
export interface Move {
  id: string
  from: StorageClass
  to: StorageClass
  /** Who is at it, or was: `tier@run`. */
  worker: string
  status: 'update' | 'done'
  /** Why it ended without being made. */
  reason?: 'gone' | 'changed' | 'already there'
  begunAt: Date
  /** Until then nobody else takes it up. Without it anybody may. */
  leaseUntil?: Date
}

/** A move that was made, and what comes of it. */
export interface MoveRecord {
  /** The object's owner. */
  owner: string
  object: string
  bytes: number
  from: StorageClass
  to: StorageClass
  at: Date
  /** US$ that it has cost. */
  fee: number
  /** US$ a day that are saved from then on, by the demand of that moment: storage and reading. */
  savesPerDay: number
  /** `savesPerDay` times the day on which it was made: from the sums of both follows what all have saved until any day. */
  savingOffset: number
}

export const moves: Collection<MoveRecord> = { name: 'moves' }

const dayMilliseconds = 24 * 60 * 60 * 1000

/** A time as a number of days. */
export const dayOf = (time: Date): number => time.getTime() / dayMilliseconds

/** What moves have saved until `now`, by the sums of theirs. US$. */
export const savedUntil = (now: Date, savesPerDay: number, savingOffset: number, fees: number): number =>
  savesPerDay * dayOf(now) - savingOffset - fees
