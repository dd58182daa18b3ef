import type { Random } from '../../random.ts'

/** One way of damaging a file. `other` is another good file, to take bytes from. */
type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer

const mutations: Record<string, Mutation> = {
  'bits flipped': (bytes, random) => {
    const changed = Buffer.from(bytes)
    for (let count = 1 + random.below(32); count > 0; count--) {
      const at = place(changed, random)
      changed.writeUInt8((changed[at] ?? 0) ^ (1 << random.below(8)), at)
    }
    return changed
  },
  'a run of bytes overwritten': (bytes, random) => {
    const changed = Buffer.from(bytes)
    const at = place(changed, random)
    const fill = random.oneOf([0, 0xff, 0x7f, 'noise'])
    for (let index = at; index < Math.min(changed.length, at + 1 + random.below(64)); index++)
      changed.writeUInt8(fill === 'noise' ? random.below(256) : Number(fill), index)
    return changed
  },
  'fields set to extremes': (bytes, random) => {
    const changed = Buffer.from(bytes)
    for (let count = 1 + random.below(4); count > 0; count--) {
      const at = place(changed, random)
      if (at + 4 <= changed.length) changed.writeUInt32BE(random.oneOf(extremes), at)
    }
    return changed
  },
  'a chunk duplicated': (bytes, random) => {
    const [start, end] = stretch(bytes, random)
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)])
  },
  'a chunk cut out': (bytes, random) => {
    const [start, end] = stretch(bytes, random)
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)])
  },
  'two chunks swapped': (bytes, random) => {
    const [first, second, third] = [0, 0, 0].map(() => random.below(bytes.length)).toSorted((a, b) => a - b)
    const parts = [bytes.subarray(0, first), bytes.subarray(second, third), bytes.subarray(first, second)]
    return Buffer.concat([...parts, bytes.subarray(third)])
  },
  'the size of a box changed': (bytes, random) => {
    const changed = Buffer.from(bytes)
    const at = random.oneOf(sizeFields(changed))
    const size = changed.readUInt32BE(at)
    changed.writeUInt32BE(random.oneOf([0, 1, 7, size + 1, size * 2, size >>> 1, ...extremes]) >>> 0, at)
    return changed
  },
  'its end missing': (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  'continued by another file': (bytes, random, other) =>
    Buffer.concat([bytes.subarray(0, place(bytes, random)), other.subarray(place(other, random))]),
  'a piece of another file within': (bytes, random, other) => {
    const changed = Buffer.from(bytes)
    const [start, end] = stretch(other, random)
    other.copy(changed, place(changed, random), start, end)
    return changed
  },
}

const names = Object.keys(mutations)
const extremes: [number, ...number[]] = [
  0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xffff, 0x10000, 0x01000000,
]

/** What a seed makes of a good file: damaged in one to three ways. The first bytes often stay, or it would be no video at all. */
export function mutate(bytes: Buffer, other: Buffer, random: Random): { how: string; bytes: Buffer } {
  const ways = Array.from({ length: 1 + random.below(3) }, () => names[random.below(names.length)] ?? '')
  let mutated = bytes
  for (const way of ways)
    if (mutated.length > 8) mutated = mutations[way]?.(mutated, random, other) ?? mutated
  if (random.below(4) > 0) mutated = Buffer.concat([bytes.subarray(0, 12), mutated.subarray(12)])
  return { how: ways.join(', '), bytes: mutated }
}

/** Anywhere; but half of the time where the structure is: near the beginning or the end. */
function place(bytes: Buffer, random: Random): number {
  const near = Math.min(bytes.length, 2048)
  return random.oneOf([
    () => random.below(bytes.length),
    () => random.below(bytes.length),
    () => random.below(near),
    () => bytes.length - 1 - random.below(near),
  ])()
}

function stretch(bytes: Buffer, random: Random): [start: number, end: number] {
  const start = place(bytes, random)
  return [start, Math.min(bytes.length, start + 1 + random.below(random.oneOf([16, 256, 65_536])))]
}

/** Where the sizes of MP4's boxes are, by the four letters behind them; those of AVI stand behind the letters. */
function sizeFields(bytes: Buffer): [number, ...number[]] {
  const fields: number[] = []
  for (let at = 4; at + 8 <= bytes.length; at++) if (isName(bytes, at)) fields.push(at - 4, at + 4)
  const [first = 0, ...rest] = fields
  return [first, ...rest]
}

const isName = (bytes: Buffer, at: number): boolean => {
  for (let index = at; index < at + 4; index++) {
    const byte = bytes[index] ?? 0
    const isLetter = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a)
    if (!isLetter && !(byte >= 0x30 && byte <= 0x39)) return false
  }
  return true
}
