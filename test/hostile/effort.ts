import { randomInt } from 'node:crypto'

/** `npm run test:hostile` takes its time; `npm test` looks at the same with smaller numbers. */
export const isLong = process.env['HOSTILE'] === 'long'

/** How often something is tried. */
export const times = (short: number, long: number): number => (isLong ? long : short)

/** Why a test is left out that takes long; false where it is not. */
export const onlyLong: string | false = !isLong && 'it takes its time: npm run test:hostile'

/**
 * What everything is tried from. Each run of `npm test` tries the same, so that it finds what a change has broken, and no run fails
 * for what was always there; the long one tries others every time, and says which, since who has cut it off wants to know, too.
 */
export const seed = Number(process.env['SEED'] ?? (isLong ? randomInt(2 ** 31) : 20_261_128))
if (isLong) console.log(`SEED=${seed} tries the same again.`)

/** How properties are looked for. `property`: a number of its own for each of several that look alike, lest all of them get the same. */
export const effort = (short: number, long: number, property = 0): { numRuns: number; seed: number } => ({
  numRuns: times(short, long),
  // fast-check takes 32 bits with a sign.
  seed: (seed + property) | 0,
})
