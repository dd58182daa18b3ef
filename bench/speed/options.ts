import { parseArgs } from 'node:util'
import type { Case, Options } from './case.ts'

/** What a run of the benchmark is to do. */
export interface Asked extends Options {
  /** Some of all cases, or each. */
  cases: Case[]
}

/** Reads the command line. */
export function asked(args: string[], all: readonly Case[]): Asked {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { quick: { type: 'boolean', default: false }, rounds: { type: 'string' } },
  })
  const { quick } = values
  const rounds = Number(values.rounds ?? (quick ? 1 : 3))
  const least = quick ? 1 : 3
  if (!Number.isInteger(rounds) || rounds < least)
    throw new Error(`--rounds is ${values.rounds}; it must be a whole number from ${least}.`)
  const unknown = positionals.find((name) => !all.some((each) => each.name === name))
  if (unknown !== undefined)
    throw new Error(`There is no case ${unknown}; there are ${all.map(({ name }) => name).join(', ')}.`)
  const isAsked = ({ name }: Case): boolean => positionals.length === 0 || positionals.includes(name)
  return { quick, rounds, cases: all.filter(isAsked) }
}
