import { appendFileSync } from 'node:fs'
import { seeded } from '../random.ts'

/** What a server with faults is told by its environment. */
export const variables = { seed: 'FAULTS_SEED', file: 'FAULTS_FILE' }

const random = seeded(Number(process.env[variables.seed] ?? 0))
const file = process.env[variables.file]

/** Whether this fault happens now. If so, it is written down: a process that is killed next has told all the same. */
export function happens(fault: string, probability: number): boolean {
  if (!random.chance(probability)) return false
  if (file !== undefined) appendFileSync(file, `${fault}\n`)
  return true
}

export const { between } = random

/** Throws now and then. */
export function mayFail(fault: string, probability: number): void {
  if (happens(fault, probability)) throw new Error(`injected: ${fault}`)
}
