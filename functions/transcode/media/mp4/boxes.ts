export interface Box {
  type: string
  /** Bytes, the header included. Of a box that lasts "to the end of the file": up to that end. */
  size: number
  headerSize: number
}

/** The most bytes that `boxAt` looks at. */
export const boxHeaderBytes = 16

/** The box whose header begins at `offset`, with `left` bytes until the end of what holds it; undefined if there is none. */
export function boxAt(bytes: Buffer, offset: number, left: number): Box | undefined {
  if (offset + 8 > bytes.length) return undefined
  const type = bytes.toString('latin1', offset + 4, offset + 8)
  if (!/^[\w ©-]{4}$/.test(type)) return undefined
  const short = bytes.readUInt32BE(offset)
  if (short === 0) return { type, size: left, headerSize: 8 }
  if (short >= 8) return { type, size: short, headerSize: 8 }
  if (short !== 1 || offset + 16 > bytes.length) return undefined
  const size = Number(bytes.readBigUInt64BE(offset + 8))
  return size >= 16 ? { type, size, headerSize: 16 } : undefined
}

/** A box inside of another one. */
export interface Child {
  type: string
  whole: Buffer
  content: Buffer
}

// No box of a file that somebody made to be seen has nearly as many; millions of empty ones would keep us busy for long.
const mostChildren = 1000

/** The boxes that a box's content, or any other bytes, consist of; the first thousand. */
export function* children(parent: Buffer): Generator<Child> {
  let at = 0
  for (let count = 0; count < mostChildren; count++) {
    const box = boxAt(parent, at, parent.length - at)
    if (!box) return
    const whole = parent.subarray(at, at + box.size)
    yield { type: box.type, whole, content: whole.subarray(box.headerSize) }
    at += box.size
  }
}

/** The contents of all children of this type. */
export function* childrenOf(parent: Buffer, type: string): Generator<Buffer> {
  for (const box of children(parent)) if (box.type === type) yield box.content
}

const none = Buffer.alloc(0)

/** The content of the first child of this type; nothing if there is none. */
export const child = (parent: Buffer, type: string): Buffer => childrenOf(parent, type).next().value ?? none

/** A box around these bytes, in pieces: tables can be too large to copy them each time that something is put around them. */
export function box(type: string, ...content: Buffer[]): Buffer[] {
  const header = words(8 + lengthOf(content), 0)
  header.write(type, 4, 'latin1')
  return [header, ...content]
}

/** 32-bit numbers, as boxes hold them. */
export function words(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * index)
  return bytes
}

/** 64-bit numbers, as boxes hold them. */
export function longs(numbers: number[]): Buffer {
  const bytes = Buffer.alloc(8 * numbers.length)
  for (const [index, number] of numbers.entries()) bytes.writeBigInt64BE(BigInt(number), 8 * index)
  return bytes
}

export const lengthOf = (pieces: Buffer[]): number => pieces.reduce((total, { length }) => total + length, 0)
