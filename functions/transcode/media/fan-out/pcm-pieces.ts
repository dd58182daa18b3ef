/** A run of sound that one encoder can make into frames. */
export interface Piece {
  /** As it came in: putting it together would cost as much as all the rest. */
  pcm: Buffer[]
  /** How many frames at its beginning are not its own: they bring the encoder up to the sound. */
  skip: number
  /** How many are its own; undefined for the last piece, which ends with the sound. */
  own?: number
}

// In MP3 frames. An encoder that comes from elsewhere in the sound needs some before, and a little of what follows.
const preRoll = 8
const postRoll = 3
/** Own frames of a piece: about 13 seconds, 4.5 MB at 44.1 kHz. */
export const pieceFrames = 490

/** Cuts a stream of PCM, which comes in chunks of any size, into overlapping pieces. */
export class PcmCutter {
  /** How many bytes have come in. */
  bytes = 0
  readonly #frameBytes: number
  #chunks: Buffer[] = []
  /** Where the first of the chunks begins, and the next piece's own frames, in bytes from the beginning of the sound. */
  #start: number
  #next: number

  /** `frameBytes`: of a frame's worth of PCM. The first own frame of the first piece is number `first`. */
  constructor(frameBytes: number, first = 0) {
    this.#frameBytes = frameBytes
    this.#next = first * frameBytes
    this.#start = Math.max(0, this.#next - preRoll * frameBytes)
  }

  /** The pieces that `chunk` completes. */
  push(chunk: Buffer): Piece[] {
    const before = Math.max(0, this.#start - this.bytes)
    this.bytes += chunk.length
    if (before < chunk.length) this.#chunks.push(chunk.subarray(before))
    const pieces: Piece[] = []
    while (this.bytes >= this.#next + (pieceFrames + postRoll) * this.#frameBytes)
      pieces.push({ ...this.#take((pieceFrames + postRoll) * this.#frameBytes), own: pieceFrames })
    return pieces
  }

  /** What is left; undefined if that is nothing. */
  end(): Piece | undefined {
    return this.bytes > this.#next ? this.#take(this.bytes - this.#next) : undefined
  }

  /** From before the next own frame to `length` bytes behind where they begin. */
  #take(length: number): Piece {
    const pcm = firstBytes(this.#chunks, this.#next + length - this.#start)
    const skip = (this.#next - this.#start) / this.#frameBytes
    this.#next += pieceFrames * this.#frameBytes
    const start = Math.min(this.#next - preRoll * this.#frameBytes, this.bytes)
    this.#chunks = withoutFirstBytes(this.#chunks, start - this.#start)
    this.#start = start
    return { pcm, skip }
  }
}

function firstBytes(chunks: Buffer[], bytes: number): Buffer[] {
  let left = bytes
  return chunks.flatMap((chunk) => {
    const part = chunk.subarray(0, left)
    left -= part.length
    return part.length > 0 ? [part] : []
  })
}

function withoutFirstBytes(chunks: Buffer[], bytes: number): Buffer[] {
  let left = bytes
  return chunks.flatMap((chunk) => {
    const part = chunk.subarray(left)
    left -= chunk.length - part.length
    return part.length > 0 ? [part] : []
  })
}
