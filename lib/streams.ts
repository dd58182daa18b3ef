import { createHash } from 'node:crypto'
import type { Collection } from './collection.ts'

/** One user's leave to play one job's MP4 for a while. */
export interface StreamRecord {
  job: string
  user: string
  /** The user's when it was given: a change of password ends it. */
  tokenVersion: number
  /** Bytes of the MP4. */
  size: number
  /** Of the MP4's bytes, as the store has it. */
  crc32c: string
  expiresAt: Date
}

export const streams: Collection<StreamRecord> = { name: 'streams' }

/** A stream's id: whoever can read records cannot make a token from it. */
export const streamId = (token: string): string => createHash('sha256').update(token).digest('hex')
