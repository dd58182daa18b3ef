import { PassThrough } from 'node:stream'
import type { Bounds } from '../bounds.ts'
import { runForFrames } from '../output-run.ts'
import { joinable, mp3Output, type EncodeOptions } from '../lame.ts'
import type { Frame } from '../mp3/frames.ts'
import type { Piece } from './pcm-pieces.ts'
import { pcmFrameBytes, type FrameFormat } from './sound.ts'

/** A piece whose frames are awaited. */
interface Awaited {
  piece: Piece
  /** How many frames its samples make, and how many of them have come. The last piece's go on to the end. */
  total: number
  seen: number
  own: Frame[]
  resolve: (frames: Frame[]) => void
  reject: (error: unknown) => void
}

/** One ffmpeg that encodes piece after piece. */
export class PieceEncoder {
  /** How many pieces wait for it to take them in. */
  waiting = 0
  /** Resolves when it does not run any more. */
  readonly ended: Promise<void>
  readonly #stdin = new PassThrough()
  readonly #awaited: Awaited[] = []
  readonly #frameBytes: number
  #change = Promise.withResolvers<void>()
  #failure: { error: unknown } | undefined

  constructor(
    options: EncodeOptions,
    format: FrameFormat,
    signal: AbortSignal,
    bounds: Pick<Bounds, 'cpuSeconds' | 'logLines'>,
  ) {
    this.#frameBytes = pcmFrameBytes(format)
    const run = runForFrames({
      input: { stdin: this.#stdin, demuxer: 'f32le', bounds },
      signal,
      inputOptions: ['-ar', String(format.sampleRate), '-ac', String(format.channels)],
      outputOptions: mp3Output(joinable(options)),
    })
    this.ended = this.#collect(run).catch((error: unknown) => this.#fail(error))
  }

  /** Resolves when one piece less is waiting than now, or it does not run any more. */
  get change(): Promise<void> {
    return this.#change.promise
  }

  /** Resolves to the piece's own frames, once those have come out: maybe not before `end`. One without `own` has to be the last. */
  encode(piece: Piece): Promise<Frame[]> {
    const bytes = piece.pcm.reduce((sum, chunk) => sum + chunk.length, 0)
    const total = piece.own === undefined ? Infinity : bytes / this.#frameBytes
    const { promise, resolve, reject } = Promise.withResolvers<Frame[]>()
    if (this.#failure) reject(this.#failure.error)
    else {
      this.#awaited.push({ piece, total, seen: 0, own: [], resolve, reject })
      this.waiting++
      for (const chunk of piece.pcm.slice(0, -1)) this.#stdin.write(chunk)
      this.#stdin.write(piece.pcm.at(-1) ?? Buffer.alloc(0), () => this.#take(1))
    }
    return promise
  }

  /** There will be no more pieces. */
  end(): void {
    this.#stdin.end()
  }

  async #collect(run: AsyncIterable<Frame[]>): Promise<void> {
    for await (const frames of run) for (const frame of frames) this.#sort(frame)
    for (const { piece, own, resolve, reject } of this.#awaited.splice(0))
      if (piece.own === undefined) resolve(own)
      else reject(new Error(`An encoder ended after ${own.length} of ${piece.own} frames`))
    this.#fail(new Error('The encoder has ended'))
  }

  #sort(frame: Frame): void {
    const [due] = this.#awaited
    if (!due) return // What the encoder still had when it was ended.
    const { piece, own } = due
    const isOwn = due.seen >= piece.skip && own.length < (piece.own ?? Infinity)
    due.seen++
    if (isOwn) own.push(frame)
    if (own.length === piece.own) due.resolve(own)
    if (due.seen === due.total) this.#awaited.shift()
  }

  /** It has taken so many of the pieces in. */
  #take(pieces: number): void {
    this.waiting = Math.max(0, this.waiting - pieces)
    this.#change.resolve()
    this.#change = Promise.withResolvers()
  }

  #fail(error: unknown): void {
    this.#failure = { error }
    this.#take(this.waiting)
    for (const { reject } of this.#awaited.splice(0)) reject(error)
  }
}
