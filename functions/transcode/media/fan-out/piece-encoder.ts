import { PassThrough } from 'node:stream'
import { runForFrames } from '../frame-run.ts'
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
  /** Of how many pieces the own frames have not come yet. */
  pending = 0
  /** Resolves when it does not run any more. */
  readonly ended: Promise<void>
  readonly #stdin = new PassThrough()
  readonly #awaited: Awaited[] = []
  readonly #frameBytes: number
  #change = Promise.withResolvers<void>()
  #failure: { error: unknown } | undefined

  constructor(options: EncodeOptions, format: FrameFormat, signal: AbortSignal) {
    this.#frameBytes = pcmFrameBytes(format)
    const run = runForFrames({
      input: { stdin: this.#stdin, demuxer: 'f32le' },
      signal,
      inputOptions: ['-ar', String(format.sampleRate), '-ac', String(format.channels)],
      // Each frame is written out as soon as it is made: somebody waits for the last ones of a piece before there is another.
      outputOptions: [...mp3Output(joinable(options)), '-flush_packets', '1'],
    })
    this.ended = this.#collect(run).catch((error: unknown) => this.#fail(error))
  }

  /** Resolves when one piece less is pending than now. */
  get change(): Promise<void> {
    return this.#change.promise
  }

  /** Resolves to the piece's own frames. One without `own` has to be the last. */
  encode(piece: Piece): Promise<Frame[]> {
    const bytes = piece.pcm.reduce((sum, chunk) => sum + chunk.length, 0)
    const total = piece.own === undefined ? Infinity : bytes / this.#frameBytes
    const { promise, resolve, reject } = Promise.withResolvers<Frame[]>()
    this.pending++
    promise.then(
      () => this.#settle(),
      () => this.#settle(),
    )
    if (this.#failure) reject(this.#failure.error)
    else this.#awaited.push({ piece, total, seen: 0, own: [], resolve, reject })
    for (const chunk of piece.pcm) this.#stdin.write(chunk)
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
    this.#failure = { error: new Error('The encoder has ended') }
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

  #settle(): void {
    this.pending--
    this.#change.resolve()
    this.#change = Promise.withResolvers()
  }

  #fail(error: unknown): void {
    this.#failure = { error }
    for (const { reject } of this.#awaited.splice(0)) reject(error)
  }
}
