import type { Cores } from '../cores.ts'
import type { Frame } from '../mp3/frames.ts'
import type { Piece } from './pcm-pieces.ts'
import type { PieceEncoder } from './piece-encoder.ts'

// One that it takes in, and one to go on with.
const mostWaiting = 2

/** Encoders that share the work: one, and more while cores are free. */
export class EncoderPool {
  readonly #start: () => PieceEncoder
  readonly #cores: Cores
  /** In the order in which they got their last pieces. */
  #encoders: PieceEncoder[] = []
  readonly #ends: Promise<void>[] = []

  constructor(start: () => PieceEncoder, cores: Cores) {
    this.#start = start
    this.#cores = cores
  }

  /** Resolves once an encoder has got the piece. The last of its frames may come only with the encoder's next piece, or its end. */
  async encode(piece: Piece): Promise<{ frames: Promise<Frame[]> }> {
    this.#makeRoom()
    const encoder = await this.#nextEncoder()
    this.#encoders = [...this.#encoders.filter((other) => other !== encoder), encoder]
    return { frames: encoder.encode(piece) }
  }

  /** By turns, so that none keeps frames for long; a new one, if there is work for it and a core. */
  async #nextEncoder(): Promise<PieceEncoder> {
    for (;;) {
      const next = this.#encoders.find(({ waiting }) => waiting < mostWaiting)
      if (next?.waiting === 0) return next
      const release = this.#encoders.length === 0 ? this.#cores.take() : this.#cores.takeIfFree()
      if (release) return this.#add(release)
      if (next) return next
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
    this.#encoders.shift()?.end()
  }
}
