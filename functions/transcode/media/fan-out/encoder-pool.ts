import type { Cores } from '../cores.ts'
import type { Frame } from '../mp3/frames.ts'
import type { Piece } from './pcm-pieces.ts'
import type { PieceEncoder } from './piece-encoder.ts'

// One that it works on, and one to go on with.
const mostPending = 2

/** Encoders that share the work: one, and more while cores are free. */
export class EncoderPool {
  readonly #start: () => PieceEncoder
  readonly #cores: Cores
  #encoders: PieceEncoder[] = []
  readonly #ends: Promise<void>[] = []

  constructor(start: () => PieceEncoder, cores: Cores) {
    this.#start = start
    this.#cores = cores
  }

  /** Resolves once an encoder has taken the piece. */
  async encode(piece: Piece): Promise<{ frames: Promise<Frame[]> }> {
    this.#makeRoom()
    for (;;) {
      const [idlest] = this.#encoders.toSorted((one, other) => one.pending - other.pending)
      if (idlest?.pending === 0) return { frames: idlest.encode(piece) }
      const release = idlest ? this.#cores.takeIfFree() : this.#cores.take()
      const encoder = release ? this.#add(release) : idlest
      if (encoder && encoder.pending < mostPending) return { frames: encoder.encode(piece) }
      await Promise.race(this.#encoders.map(({ change }) => change))
    }
  }

  /** There will be no more pieces. Resolves when all encoders have gone. */
  async end(): Promise<void> {
    for (const encoder of this.#encoders) encoder.end()
    await Promise.all(this.#ends)
  }

  #add(release: () => void): PieceEncoder {
    const encoder = this.#start()
    this.#encoders.push(encoder)
    this.#ends.push(encoder.ended.then(release))
    return encoder
  }

  /** Where others need the cores, one encoder finishes what it has and goes. */
  #makeRoom(): void {
    if (!this.#cores.crowded || this.#encoders.length < 2) return
    this.#encoders.pop()?.end()
  }
}
