import type { GoodFiles, GoodName } from './good-files.ts'
import { mutate } from './mutations.ts'
import { randomFrom } from './random.ts'

// `npm run test:hostile` makes ten thousand.
const { HOSTILE_MUTATIONS, HOSTILE_SEED, HOSTILE_FIRST } = process.env
/** Whether everything is to be tried, however long it takes. */
export const isThorough = HOSTILE_MUTATIONS !== undefined
export const count = Number(HOSTILE_MUTATIONS ?? 200)
export const seed = Number(HOSTILE_SEED ?? 1)
const first = Number(HOSTILE_FIRST ?? 0)

/** So many of those that are to be tried, evenly spread. */
export const mutantNumbers = (many: number): number[] =>
  Array.from({ length: many }, (_, index) => first + Math.floor((index * count) / many))

export interface Mutant {
  /** Which one it is of its seed. */
  number: number
  name: GoodName
  how: string
  bytes: Buffer<ArrayBuffer>
}

/** The same for the same files, seed and number. */
export function mutantOf(files: GoodFiles, seed: number, number: number): Mutant {
  const random = randomFrom(seed * 1_000_003 + number)
  const names = Object.keys(files) as [GoodName, ...GoodName[]]
  // By turns, so that each kind gets its share.
  const name = names[number % names.length] ?? names[0]
  const { how, bytes } = mutate(files[name], files[random.oneOf(names)], random)
  return { number, name, how, bytes: Buffer.from(bytes) }
}
