import { join } from 'node:path'
import { parseArgs } from 'node:util'

/** What the simulator is to do. */
export interface Options {
  /** A file with a trace, instead of those that are made up. */
  trace: string | undefined
  objects: number
  /** How long traces are; if it is not said, made-up ones 365 days and others until their last row. */
  days: number | undefined
  seed: number
  /** The file that the chart is written to. */
  chart: string
}

/** Reads the command line. */
export function optionsFrom(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      trace: { type: 'string' },
      objects: { type: 'string', default: '100000' },
      days: { type: 'string' },
      seed: { type: 'string', default: '1' },
      chart: { type: 'string', default: join(import.meta.dirname, '..', 'simulate.svg') },
    },
  })
  return {
    trace: values.trace,
    objects: whole('objects', values.objects, 1, 10_000_000),
    days: values.days === undefined ? undefined : whole('days', values.days, 2, 65_535),
    seed: whole('seed', values.seed, 0, 2 ** 32 - 1),
    chart: values.chart,
  }
}

function whole(name: string, value: string, least: number, most: number): number {
  const number = Number(value)
  if (!/^\d+$/.test(value) || number < least || number > most)
    throw new Error(`--${name} is ${value}; it must be a whole number from ${least} to ${most}.`)
  return number
}
