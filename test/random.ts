export interface Random {
  /** From 0 to below 1. */
  next(): number
  chance(probability: number): boolean
  between(least: number, most: number): number
  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number
  oneOf<T>(choices: readonly [T, ...T[]]): T
  /** The same values, in another order. */
  shuffled<T>(values: readonly T[]): T[]
}

/** Numbers that look random and are the same for the same seed: a counter, mixed, so that neighbouring seeds have nothing in common. */
export function seeded(seed: number): Random {
  let state = mix(seed >>> 0)
  function next(): number {
    state = (state + 0x9e3779b9) >>> 0
    return mix(state) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    between: (least, most) => least + next() * (most - least),
    oneOf: (choices) => choices[below(choices.length)] ?? choices[0],
    shuffled: (values) =>
      values
        .map((value) => ({ value, place: next() }))
        .toSorted((one, other) => one.place - other.place)
        .map(({ value }) => value),
  }
}

/** Every bit of the result depends on every bit of the number. */
function mix(number: number): number {
  let mixed = number
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
