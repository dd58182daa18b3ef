import type { GoodFiles, GoodName } from './good-files.ts'
import { isLong, seed as longSeed, times } from '../effort.ts'
import { mutate } from './mutations.ts'
import { seeded } from '../../random.ts'

const { SEED, FIRST, MUTATIONS } = process.env
export const count = Number(MUTATIONS ?? times(200, 10_000))
export const seed = SEED !== undefined || isLong ? longSeed : 1
const first = Number(FIRST ?? 0)
/** Whether these are all that the long run has. */
export const isWhole = isLong && FIRST === undefined && MUTATIONS === undefined

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
  const random = seeded(seed * 1_000_003 + number)
  const names = Object.keys(files) as [GoodName, ...GoodName[]]
  // By turns, so that each kind gets its share.
  const name = names[number % names.length] ?? names[0]
  const { how, bytes } = mutate(files[name], files[random.oneOf(names)], random)
  return { number, name, how, bytes: Buffer.from(bytes) }
}
