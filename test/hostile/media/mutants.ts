import type { GoodFiles, GoodName } from './good-files.ts'
import { mutate } from './mutations.ts'
import { randomFrom } from './random.ts'

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
