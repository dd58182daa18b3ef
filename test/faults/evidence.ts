import type { Accepted, Request } from './client.ts'
import type { Entry } from './journal.ts'
import type { Source } from './sources.ts'
import type { Stored } from './stored.ts'

/** All that the checks look at: what was done, and what is there once nothing is to come any more. */
export interface Evidence {
  sources: readonly Pick<Source, 'name' | 'becomes'>[]
  accepted: readonly Accepted[]
  requests: readonly Request[]
  journal: readonly Entry[]
  stored: Stored
  /** The jobs that the API lists. */
  listed: ReadonlySet<string>
  /** Every MP3 and MP4 that there is to be had, by the name of its object. */
  files: ReadonlyMap<string, Buffer>
  /** The text of every mail that was sent. */
  mails: readonly string[]
  /** What was still to come when patience was over. */
  missing: readonly string[]
}

/** What is noted of what is found. */
export interface Notes {
  /** Something was found so often. */
  count(what: string, by?: number): void
  /** Something is wrong. */
  say(what: string): void
}

export type Check = (evidence: Evidence, notes: Notes) => void
