import { boxAt, boxHeaderBytes } from './boxes.ts'

export interface WholeBox {
  type: string
  /** Where in the stream it begins. */
  start: number
  bytes: Buffer
}

/** No box that is to be taken out is larger: what ffmpeg says of a second is less than a kilobyte. */
const largestBox = 16 * 1024 * 1024

/** Takes the boxes of some types out of a stream of boxes that passes in chunks of any size; no other box is kept in memory. */
export class BoxStream {
  readonly #wanted: readonly string[]
  #rest: Buffer = Buffer.alloc(0)
  /** Where in the stream #rest begins. */
  #position = 0
  /** Bytes until the end of the box that is passing. */
  #left = 0

  constructor(wanted: readonly string[]) {
    this.#wanted = wanted
  }

  /** The boxes that `chunk` completes. Throws if the stream does not consist of boxes. */
  *push(chunk: Buffer): Generator<WholeBox> {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (;;) {
      this.#skip(Math.min(this.#left, this.#rest.length))
      const box = this.#left === 0 ? boxAt(this.#rest, 0, Infinity) : undefined
      if (!box) break
      if (this.#wanted.includes(box.type)) {
        if (box.size > largestBox) throw new Error(`A ${box.type} box of ${box.size} bytes is too large.`)
        if (box.size > this.#rest.length) return
        yield { type: box.type, start: this.#position, bytes: this.#rest.subarray(0, box.size) }
      }
      this.#left = box.size
    }
    if (this.#rest.length >= boxHeaderBytes)
      throw new Error(`There is no box at byte ${this.#position}, where one has to begin.`)
  }

  /** How long the stream was. Throws if it ended in the middle of a box. */
  end(): number {
    if (this.#left > 0 || this.#rest.length > 0) throw new Error('The last box is not complete.')
    return this.#position
  }

  #skip(bytes: number): void {
    this.#rest = this.#rest.subarray(bytes)
    this.#position += bytes
    this.#left -= bytes
  }
}
