import { appendFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** What a server with faults, and whoever disturbs it, write down as it happens: a process that is killed next has told all the same. */
export type Entry = { at: number } & (
  | {
      what: 'fault'
      fault: string
      /** The job of which something failed. */
      job?: string
      /** Whatever was under way may have failed by it. */
      hitsAll?: boolean
    }
  /** A function has accepted an event. */
  | { what: 'delivered'; function: string }
  /** `download` counts an access, asked for by the request of this name. */
  | { what: 'access'; request?: string; object: string }
  /** Accesses, by their ids, are about to be told; are told, and must not be lost; could not be told. */
  | { what: 'telling' | 'told' | 'untold'; accesses: { id: string; object: string }[] }
)

/** An entry without its time. */
type New<E> = E extends unknown ? Omit<E, 'at'> : never

/** Where a server finds the journal. */
export const journalVariable = 'FAULTS_JOURNAL'

export function writeEntry(file: string, entry: New<Entry>): void {
  appendFileSync(file, `${JSON.stringify({ at: Date.now(), ...entry })}\n`)
}

/** Writes an entry down in a server; nothing, where no journal is kept. */
export function note(entry: New<Entry>): void {
  const file = process.env[journalVariable]
  if (file !== undefined) writeEntry(file, entry)
}

export async function readJournal(file: string): Promise<Entry[]> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n')
  // What is being written at this moment is no line yet.
  return lines.slice(0, -1).map((line): Entry => JSON.parse(line))
}
