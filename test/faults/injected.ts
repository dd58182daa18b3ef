import { dice } from './dice.ts'
import { note } from './journal.ts'

/** What a server with faults is told by its environment; without it nothing goes wrong, and all is noted. */
export const variables = { seed: 'FAULTS_SEED', start: 'FAULTS_START' }

const { [variables.seed]: seed, [variables.start]: start } = process.env
// Otherwise the same would happen after each start.
const random = seed === undefined ? undefined : dice(Number(seed), `server ${start}`)

/** Whether this fault happens now, to this job if to one. */
export function happens(fault: string, probability: number, job?: string): boolean {
  if (!random?.chance(probability)) return false
  note({ what: 'fault', fault, ...(job !== undefined && { job }) })
  return true
}

export const between = (least: number, most: number): number => random?.between(least, most) ?? least

/** Throws now and then. */
export function mayFail(fault: string, probability: number, job?: string): void {
  if (happens(fault, probability, job)) throw new Error(`injected: ${fault}`)
}
