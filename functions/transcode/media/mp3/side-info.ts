import type { FrameHeader } from './frames.ts'

// What stands between a frame's header and its sound (ISO 11172-3, 2.4.1.7, and 13818-3): some bits for the whole frame, then
// for each granule and channel a block that begins with part2_3_length (12 bits), big_values (9) and global_gain (8).

/** Where the blocks are, in bits from the beginning of the frame. */
function blocks(
  { version, channels }: FrameHeader,
  bytes: Buffer,
): { first: number; bits: number; count: number } {
  // "protection_bit – one bit to indicate whether redundancy has been added": 0 where 16 bits of it stand behind the header.
  const begin = read(bytes, 15, 1) === 0 ? 48 : 32
  // Before them: main_data_begin, private bits, and in MPEG-1 scfsi, four bits for each channel.
  const isStereo = channels === 2
  return version === 1
    ? { first: begin + 9 + (isStereo ? 3 : 5) + 4 * channels, bits: 59, count: 2 * channels }
    : { first: begin + 8 + (isStereo ? 2 : 1), bits: 63, count: channels }
}

/** How many bytes the sound of a frame takes: the sum of part2_3_length. */
export function mainDataBytes(header: FrameHeader, bytes: Buffer): number {
  const { first, bits, count } = blocks(header, bytes)
  let total = 0
  for (let index = 0; index < count; index++) total += read(bytes, first + index * bits, 12)
  return Math.ceil(total / 8)
}

/**
 * How loud a frame is, as a power of two in quarters of an octave: 4 more is twice as loud; 0 where there is no sound. By
 * what its side information tells without decoding: a granule's largest value lies between the bounds of its Huffman tables,
 * and is scaled by global_gain (2.4.3.4.7.1: its power 4/3, times 2 to the power of a quarter of global_gain - 210).
 */
export function loudness(header: FrameHeader, bytes: Buffer): number {
  const { first, bits, count } = blocks(header, bytes)
  let loudest = 0
  for (let index = 0; index < count; index++) {
    const at = first + index * bits
    if (read(bytes, at, 12) === 0) continue
    const gain = read(bytes, at + 21, 8)
    loudest = Math.max(loudest, gain + valueQuarters(header, bytes, at))
  }
  return Math.round(loudest)
}

/** Of the values up to those that are 0 or 1, the largest: what it multiplies the loudness by, in quarters of an octave. */
function valueQuarters({ version }: FrameHeader, bytes: Buffer, at: number): number {
  if (read(bytes, at + 12, 9) === 0) return 0
  // scalefac_compress stands in between.
  const windows = at + 29 + (version === 1 ? 4 : 9)
  const isSwitched = read(bytes, windows, 1) === 1
  const tables = isSwitched ? 2 : 3
  let largest = 0
  for (let region = 0; region < tables; region++)
    largest = Math.max(largest, quarters[read(bytes, windows + (isSwitched ? 4 : 1) + 5 * region, 5)] ?? 0)
  return largest
}

// Annex B, table B.7: the largest value of each table; from the 16th on those with linbits, in two rows.
const small = [0, 1, 2, 2, 0, 3, 3, 5, 5, 5, 7, 7, 7, 15, 0, 15]
const linbits = [1, 2, 3, 4, 6, 8, 10, 13, 4, 5, 6, 7, 8, 9, 11, 13]
const bounds = [...small, ...linbits.map((count) => 14 + 2 ** count)]

/** An encoder takes the smallest table that does: the value lies above the bound of the one before, in the middle as we say. */
const quarters = bounds.map((bound) => {
  const below = bounds.reduce((most, other) => (other < bound ? Math.max(most, other) : most), 0)
  return bound === 0 ? 0 : 4 * (4 / 3) * Math.log2(Math.sqrt(bound * Math.max(1, below)))
})

const read = (bytes: Buffer, at: number, count: number): number =>
  (bytes.readUIntBE(at >>> 3, 3) >>> (24 - (at & 7) - count)) & ((1 << count) - 1)
