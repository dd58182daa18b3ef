import { crc16 } from './crc16.ts'
import type { Frame, FrameHeader } from './frames.ts'

/** What a header has to say about an MP3, counted frame by frame. Two bytes of memory a frame. */
export class Tally {
  /** The first frame's header and its four bytes, after which the Xing frame is made. */
  first: { header: FrameHeader; word: number } | undefined
  frames = 0
  /** Of all frames. */
  bytes = 0
  /** Samples per channel that the frames decode to, encoder delay and padding included. */
  samples = 0
  /** CRC-16/ARC of all frames. */
  crc = 0
  /** kbit/s. */
  lowestBitrate = Infinity
  highestBitrate = 0
  #sizes = new Uint16Array(4096)

  add({ header, bytes }: Frame): void {
    this.first ??= { header, word: bytes.readUInt32BE(0) }
    if (this.frames === this.#sizes.length) {
      const larger = new Uint16Array(2 * this.frames)
      larger.set(this.#sizes)
      this.#sizes = larger
    }
    this.#sizes[this.frames++] = bytes.length
    this.bytes += bytes.length
    this.samples += header.samples
    this.crc = crc16(bytes, this.crc)
    this.lowestBitrate = Math.min(this.lowestBitrate, header.bitrate)
    this.highestBitrate = Math.max(this.highestBitrate, header.bitrate)
  }

  /** For each of `percents` (ascending), the bytes before the frame at which that share of the frames has passed. */
  positions(percents: Iterable<number>): number[] {
    const positions: number[] = []
    let position = 0
    let frame = 0
    for (const percent of percents) {
      const target = Math.floor((percent * this.frames) / 100)
      while (frame < target) position += this.#sizes[frame++] ?? 0
      positions.push(position)
    }
    return positions
  }
}
