/** One line of the table: what was measured, beside what, and what was to be reached. */
export interface Line {
  name: string
  /** What ours is compared with. */
  peer: string
  /** Median measurements, written out with their unit: `25.3 s`, `310 MiB/s`. */
  ours: string
  theirs: string
  /** What is compared with the limit: mostly ours by theirs. */
  value: number
  /** How `value` is written; two decimals if absent. */
  unit?: 'ms' | 'MiB'
  limit: number
  /** Whether `value` has to be at most, or at least, `limit`. */
  bound: 'most' | 'least'
  /** What the reader should know besides, such as a p99. */
  note?: string
  /** What bounds it, as profiles have shown: for where the target is missed. */
  bounds?: string
}

export interface Options {
  /** Whether to measure as little as shows that the benchmark still works, in seconds instead of minutes. */
  quick: boolean
  /** How often each side is measured, in turns. At least 3, but where `quick`. */
  rounds: number
}

/** A group of lines that share what they need: sources, a server. Its own file in `cases/` exports one. */
export interface Case {
  /** By which it is asked for on the command line. */
  name: string
  /** However many rounds are asked for. */
  isMeasuredOnce?: true
  run(options: Options): Promise<Line[]>
}

/** The middle one, or the mean of the two in the middle. */
export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}

/**
 * Measures each of `sides` so many times, in turns, so that whatever else the machine does meets all of them alike, and
 * gives the medians.
 */
export async function inTurns<Side extends string>(
  rounds: number,
  sides: Record<Side, () => Promise<number>>,
): Promise<Record<Side, number>> {
  const measured = new Map<string, number[]>()
  for (let round = 0; round < rounds; round++)
    for (const [side, measure] of Object.entries<() => Promise<number>>(sides))
      measured.set(side, [...(measured.get(side) ?? []), await measure()])
  const medians = [...measured].map(([side, numbers]) => [side, median(numbers)])
  // Built from the very keys of `sides`.
  return Object.fromEntries(medians) as Record<Side, number>
}
