import type { JobErrorCode } from '../../../lib/problems.ts'
import type { Canary } from './canary.ts'
import type { GoodFiles } from './good-files.ts'

/** A file that somebody crafted, and how its conversion may end. */
export interface Attack {
  what: string
  /** What it is uploaded as. */
  filename: string
  /** Leads to the canary, where it leads anywhere. */
  make: (canary: Canary, good: GoodFiles) => Buffer
  ends: readonly Ending[]
  /** Takes seconds, or is much like another one: left out where only a little is run. */
  isSlow?: boolean
}

/** An MP3 was made, or the file was refused for this reason. */
export type Ending = 'MP3' | JobErrorCode
