import { crc16 } from './crc16.ts'
import type { Frame, FrameHeader } from './frames.ts'
import { loudness } from './side-info.ts'

/** What there is to say about an MP3, counted frame by frame. Four bytes of memory a frame. */
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
  #loudness = new Uint16Array(4096)

  add({ header, bytes }: Frame): void {
    this.first ??= { header, word: bytes.readUInt32BE(0) }
    if (this.frames === this.#sizes.length) {
      this.#sizes = twice(this.#sizes)
      this.#loudness = twice(this.#loudness)
    }
    this.#loudness[this.frames] = loudness(header, bytes)
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

  /**
   * How loud the sound is in each of up to `bars` stretches of it, from 0 to 255 where it is loudest: in the middle frame of each
   * by loudness, since what is known of a single one is an estimate.
   */
  waveform(bars: number): Uint8Array {
    const all = this.#loudness.subarray(0, this.frames)
    const count = Math.min(bars, all.length)
    const at = (bar: number): number => Math.floor((bar * all.length) / count)
    const heights = Array.from({ length: count }, (_, bar) => {
      const frames = all.slice(at(bar), at(bar + 1)).toSorted()
      const middle = frames[frames.length >> 1] ?? 0
      return middle === 0 ? 0 : 2 ** (middle / 4)
    })
    // Few that stand out would press all others flat.
    const top = heights.toSorted((one, other) => one - other)[Math.floor(0.98 * (count - 1))] || 1
    return Uint8Array.from(heights, (height) => Math.round(255 * Math.min(1, height / top)))
  }
}

function twice(full: Uint16Array<ArrayBuffer>): Uint16Array<ArrayBuffer> {
  const larger = new Uint16Array(2 * full.length)
  larger.set(full)
  return larger
}
