/** One MPEG audio layer III frame header. */
export interface FrameHeader {
  /** 1: 32–48 kHz; 2: 16–24 kHz; 2.5: 8–12 kHz. */
  version: 1 | 2 | 2.5
  /** Hz. */
  sampleRate: number
  /** kbit/s. */
  bitrate: number
  channels: 1 | 2
  /** Samples per channel that the frame decodes to. */
  samples: 1152 | 576
  /** Bytes between the header and the main data. */
  sideInfoSize: 32 | 17 | 9
  /** Bytes, the header included. */
  size: number
}

export interface Frame {
  header: FrameHeader
  bytes: Buffer
}

const sampleRates = { 1: [44100, 48000, 32000], 2: [22050, 24000, 16000], 2.5: [11025, 12000, 8000] } as const

const mpeg1Bitrates = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const lowRateBitrates = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]

/** The bitrates (kbit/s) that layer III has, ascending: index 1 to 14 in a frame header. */
export const bitratesOf = (version: FrameHeader['version']): number[] =>
  version === 1 ? mpeg1Bitrates : lowRateBitrates

/** Bytes of a frame: as many as its samples last at the bitrate (ISO 11172-3, 2.4.3.1), rounded down. */
export const frameSize = (header: Pick<FrameHeader, 'samples' | 'sampleRate'>, bitrate: number): number =>
  Math.floor((header.samples * 125 * bitrate) / header.sampleRate)

/** The four header bytes at `offset`; undefined if they are not one of layer III or of "free" bitrate. */
export function parseFrameHeader(bytes: Buffer, offset = 0): FrameHeader | undefined {
  if (offset + 4 > bytes.length) return undefined
  const word = bytes.readUInt32BE(offset)
  if (word >>> 21 !== 0x7ff || ((word >>> 17) & 3) !== 1) return undefined
  const version = ([2.5, undefined, 2, 1] as const)[(word >>> 19) & 3]
  if (version === undefined) return undefined
  const bitrate = bitratesOf(version)[((word >>> 12) & 15) - 1]
  const sampleRate = sampleRates[version][(word >>> 10) & 3]
  if (bitrate === undefined || sampleRate === undefined) return undefined
  const padding = (word >>> 9) & 1
  const channels = ((word >>> 6) & 3) === 3 ? 1 : 2
  const samples = version === 1 ? 1152 : 576
  const sideInfoSize = version === 1 ? (channels === 1 ? 17 : 32) : channels === 1 ? 9 : 17
  const size = frameSize({ samples, sampleRate }, bitrate) + padding
  return { version, sampleRate, bitrate, channels, samples, sideInfoSize, size }
}

/** Cuts a stream of bytes, in chunks of any size, into its MP3 frames, and steps over what is not a frame. */
export class FrameSplitter {
  /** How often something that is no frame stood between two frames. */
  interruptions = 0

  #rest: Buffer = Buffer.alloc(0)
  #first: FrameHeader | undefined
  // Whether #rest begins where a frame ended: then a header is believed, elsewhere only with another one behind it.
  #inSync = false

  /** The frames that `chunk` completes. */
  push(chunk: Uint8Array): Frame[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    return this.#take(false)
  }

  /** The frames that were held back to see what follows them. A frame that is not whole is dropped. */
  end(): Frame[] {
    return this.#take(true)
  }

  #take(atEnd: boolean): Frame[] {
    const bytes = this.#rest
    const frames: Frame[] = []
    let at = 0
    while (at + 4 <= bytes.length) {
      const header = this.#headerAt(bytes, at)
      const verdict = header ? this.#judge(bytes, at + header.size, atEnd) : 'no frame'
      if (verdict === 'more bytes needed') break
      if (!header || verdict === 'no frame') {
        this.#inSync = false
        at++
        continue
      }
      if (!this.#inSync && this.#first) this.interruptions++
      this.#inSync = true
      this.#first ??= header
      frames.push({ header, bytes: bytes.subarray(at, at + header.size) })
      at += header.size
    }
    this.#rest = bytes.subarray(at)
    return frames
  }

  /** Whether what looks like a frame that ends at `end` is one. */
  #judge(bytes: Buffer, end: number, atEnd: boolean): 'frame' | 'no frame' | 'more bytes needed' {
    if (end <= bytes.length && this.#inSync) return 'frame'
    if (end + 4 <= bytes.length) return this.#headerAt(bytes, end) ? 'frame' : 'no frame'
    if (!atEnd) return 'more bytes needed'
    return end === bytes.length ? 'frame' : 'no frame'
  }

  #headerAt(bytes: Buffer, at: number): FrameHeader | undefined {
    const header = parseFrameHeader(bytes, at)
    const first = this.#first
    return !first || (header?.version === first.version && header.sampleRate === first.sampleRate)
      ? header
      : undefined
  }
}

/** The frames of a whole stream, and how often something that is no frame stood between two. */
export function splitFrames(bytes: Uint8Array): { frames: Frame[]; interruptions: number } {
  const splitter = new FrameSplitter()
  const frames = [...splitter.push(bytes), ...splitter.end()]
  return { frames, interruptions: splitter.interruptions }
}

/** Whether the frame carries a table about the stream (Xing, Info or VBRI) in place of sound. */
export function isTableFrame({ header, bytes }: Frame): boolean {
  const xing = bytes.toString('latin1', 4 + header.sideInfoSize, 8 + header.sideInfoSize)
  return xing === 'Xing' || xing === 'Info' || bytes.toString('latin1', 36, 40) === 'VBRI'
}
