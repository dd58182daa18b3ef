export interface Random {
  /** From 0 to below 1. */
  next(): number
  chance(probability: number): boolean
  between(least: number, most: number): number
  pick<T>(values: readonly [T, ...T[]]): T
  /** The same values, in another order. */
  shuffled<T>(values: readonly T[]): T[]
}

/** Random numbers that are the same for the same seed: mulberry32 by Tommy Ettinger. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    chance: (probability) => next() < probability,
    between: (least, most) => least + next() * (most - least),
    pick: (values) => values[Math.floor(next() * values.length)] ?? values[0],
    shuffled: (values) =>
      values
        .map((value) => ({ value, place: next() }))
        .toSorted((one, other) => one.place - other.place)
        .map(({ value }) => value),
  }
}
