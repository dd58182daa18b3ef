import type { JobErrorCode } from '../../../lib/problems.ts'
import type { Canary } from './canary.ts'
import type { GoodFiles } from './good-files.ts'

/** A file that somebody crafted, and how its conversion may end. */
export interface Attack {
  what: string
  /** What it is uploaded as. */
  filename: string
  /** Leads to the canary, where it leads anywhere. */
  make: (canary: Lure, good: GoodFiles) => Buffer
  ends: readonly Ending[]
  /**
   * What an ffmpeg says, each in one line at the level `trace`, once it has come to what is attacked: or the file might be refused for
   * another reason than the one that it is here for. Undefined where no ffmpeg of today reads such a file.
   */
  reaches: readonly RegExp[] | undefined
  /** What it has to be called for an ffmpeg to take it for what it is, where that is no video. */
  nameOfKind?: string | undefined
  /** Takes seconds, or is much like another one: left out where only a little is run. */
  isSlow?: boolean
}

/** Where a file may try to lead. */
export type Lure = Pick<Canary, 'file' | 'url' | 'port'>

/** An MP3 was made, or the file was refused for this reason. */
export type Ending = 'MP3' | JobErrorCode
