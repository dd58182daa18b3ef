/** `npm run test:hostile` takes its time; `npm test` looks at the same with smaller numbers. */
export const isLong = process.env['HOSTILE'] === 'long'

/** How often something is tried. */
export const times = (short: number, long: number): number => (isLong ? long : short)

/** Why a test is left out that takes long; false where it is not. */
export const onlyLong: string | false = !isLong && 'it takes its time: npm run test:hostile'

/**
 * How properties are looked for. Each run of `npm test` tries the same, so that it finds what a change has broken, and no run fails
 * for what was always there; the long one tries others every time. What has failed says its seed: SEED=… tries that again.
 * `property`: a number of its own for each of several that look alike, lest all of them get the same.
 */
export function effort(short: number, long: number, property = 0): { numRuns: number; seed?: number } {
  const seed = process.env['SEED']
  const numRuns = times(short, long)
  if (seed !== undefined) return { numRuns, seed: Number(seed) }
  return isLong ? { numRuns } : { numRuns, seed: 20261128 + property }
}
