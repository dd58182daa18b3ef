/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number
  oneOf<T>(choices: readonly [T, ...T[]]): T
}

/** A counter, mixed, so that neighbouring seeds have nothing in common. */
export function randomFrom(seed: number): Random {
  let state = mix(seed >>> 0)
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0
    return mix(state)
  }
  return {
    below: (limit) => Math.floor((next() / 2 ** 32) * limit),
    oneOf: (choices) => choices[Math.floor((next() / 2 ** 32) * choices.length)] ?? choices[0],
  }
}

/** Every bit of the result depends on every bit of the number. */
function mix(number: number): number {
  let mixed = number
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
