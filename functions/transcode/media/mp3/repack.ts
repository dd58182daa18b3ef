import { bitratesOf, frameSize, parseFrameHeader, type Frame, type FrameHeader } from './frames.ts'
import { mainDataBytes } from './side-info.ts'

/** A frame that is laid out anew: its head, and the room behind that, of which so many bytes are taken. */
interface Laid {
  head: Buffer
  room: Buffer
  taken: number
}

/**
 * Lays the sound of frames that were encoded without a bit reservoir, and with variable bitrate, out anew: in the smallest frames
 * that hold it, each beginning in what those before have left (main_data_begin, ISO 11172-3, 2.4.2.7). It decodes to the
 * very same samples.
 */
export class Repacker {
  #laid: Laid[] = []

  /** The frames that are full, now that this one has come. */
  push({ header, bytes }: Frame): Frame[] {
    const side = 4 + header.sideInfoSize
    const length = mainDataBytes(header, bytes)
    const data = bytes.subarray(side, side + length)
    const reach = header.version === 1 ? 511 : 255
    const left = Math.min(this.#left(), reach)
    this.#stuff(this.#left() - left)
    const head = Buffer.from(bytes.subarray(0, side))
    const room = setSize(header, head, length - left)
    setMainDataBegin(header, head, left)
    this.#laid.push({ head, room: Buffer.alloc(room - side), taken: 0 })
    this.#fill(data)
    return this.#full()
  }

  /** The frames that were waiting for more. */
  end(): Frame[] {
    this.#stuff(this.#left())
    return this.#full()
  }

  #left(): number {
    return this.#laid.reduce((sum, { room, taken }) => sum + room.length - taken, 0)
  }

  #stuff(bytes: number): void {
    this.#fill(Buffer.alloc(bytes))
  }

  #fill(data: Buffer): void {
    let at = 0
    for (const laid of this.#laid) {
      const copied = data.copy(laid.room, laid.taken, at)
      laid.taken += copied
      at += copied
    }
  }

  #full(): Frame[] {
    const waiting = this.#laid.findIndex(({ room, taken }) => taken < room.length)
    const full = this.#laid.splice(0, waiting === -1 ? this.#laid.length : waiting)
    return full.map(({ head, room }) => {
      const bytes = Buffer.concat([head, room])
      const header = parseFrameHeader(bytes)
      if (!header) throw new Error(`No frame header: ${bytes.toString('hex', 0, 4)}`)
      return { header, bytes }
    })
  }
}

/** Gives a frame's head the lowest bitrate that leaves so much room for its sound. The frame's size then, in bytes. */
function setSize(header: FrameHeader, head: Buffer, needed: number): number {
  const sizes = bitratesOf(header.version).map((bitrate) => frameSize(header, bitrate))
  const index = sizes.findIndex((size) => size - head.length >= needed)
  const size = sizes[index]
  if (size === undefined) throw new Error(`No frame holds ${needed} bytes`)
  // The bitrate's index, from 1; no padding.
  head.writeUInt8((((index + 1) << 4) | ((head[2] ?? 0) & 0b1101)) & 0xff, 2)
  return size
}

function setMainDataBegin({ version }: FrameHeader, head: Buffer, begin: number): void {
  const word = head.readUInt16BE(4)
  head.writeUInt16BE(version === 1 ? (begin << 7) | (word & 0x7f) : (begin << 8) | (word & 0xff), 4)
}
