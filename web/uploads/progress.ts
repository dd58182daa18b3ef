import { Meter } from './meter.ts'
import type { UploadProgress } from './resumable.ts'
import type { Progress } from './upload.ts'

const tickMilliseconds = 250
/** So long a silence is nothing: an answer may take that. */
const patienceSeconds = 3

/** Tells how an upload of `size` bytes is going: four times a second at most, and also while nothing moves. */
export class ProgressTeller {
  readonly #meter: Meter
  readonly #size: number
  readonly #tell: (progress: Progress) => void
  readonly #now: () => number
  readonly #timer: ReturnType<typeof setInterval>
  #heard: UploadProgress = { sentBytes: 0, isInterrupted: false }
  /** What was told last. */
  #told: Progress | undefined
  /** When something has moved last. */
  #movedAt: number
  #isNew = false

  constructor(
    size: number,
    tell: (progress: Progress) => void,
    now = (): number => performance.now() / 1000,
  ) {
    this.#size = size
    this.#meter = new Meter(size)
    this.#tell = tell
    this.#now = now
    this.#movedAt = now()
    this.#timer = setInterval(() => this.tick(), tickMilliseconds)
  }

  hear(progress: UploadProgress): void {
    const isTurn = progress.isInterrupted !== this.#heard.isInterrupted
    if (isTurn || progress.sentBytes !== this.#heard.sentBytes) this.#movedAt = this.#now()
    this.#heard = progress
    this.#isNew = true
    // That it was interrupted, or goes on, or that all of it has left, is not put off.
    if (isTurn || progress.sentBytes >= this.#size) this.tick()
  }

  /** Tells what is new since the last time. */
  tick(): void {
    const { sentBytes, isInterrupted } = this.#heard
    const now = this.#now()
    const silentSeconds = this.#silence(now)
    if (!this.#isNew && silentSeconds === this.#told?.silentSeconds) return
    const measured = this.#isNew ? this.#meter.read(sentBytes, now) : this.#told?.pace
    const pace = isInterrupted || silentSeconds !== undefined ? undefined : measured
    this.#isNew = false
    this.#told = { phase: 'sending', sentBytes, isInterrupted, pace, silentSeconds }
    this.#tell(this.#told)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Of what waits to be tried again, and of what is all there and waits for its answer, silence tells nothing. */
  #silence(now: number): number | undefined {
    if (this.#heard.isInterrupted || this.#heard.sentBytes >= this.#size) return undefined
    const seconds = Math.floor(now - this.#movedAt)
    return seconds >= patienceSeconds ? seconds : undefined
  }
}
