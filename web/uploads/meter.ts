import type { Pace } from './upload.ts'

/** Over so many seconds the speed is averaged: what a connection does from one moment to the next tells nobody anything. */
const windowSeconds = 8
/** Before, an estimate would jump about. */
const leastSeconds = 1.5

interface Reading {
  sentBytes: number
  seconds: number
}

/** Measures how fast an upload of `size` bytes is going. Times are seconds on any clock that does not jump. */
export class Meter {
  readonly #size: number
  #readings: Reading[] = []

  constructor(size: number) {
    this.#size = size
  }

  /** Takes a reading. The pace then; undefined while there is too little to go by. */
  read(sentBytes: number, seconds: number): Pace | undefined {
    const [first] = this.#readings
    // Bytes that did not arrive are sent again: what was read before tells nothing any more.
    if (first && sentBytes < (this.#readings.at(-1)?.sentBytes ?? 0)) this.#readings = []
    this.#readings.push({ sentBytes, seconds })
    // One reading from before the window stays, to reckon from.
    const kept = this.#readings.findLastIndex((reading) => reading.seconds <= seconds - windowSeconds)
    if (kept > 0) this.#readings.splice(0, kept)
    const [from] = this.#readings
    if (!from || seconds - from.seconds < leastSeconds || sentBytes === from.sentBytes) return undefined
    const bytesPerSecond = (sentBytes - from.sentBytes) / (seconds - from.seconds)
    return { bytesPerSecond, secondsLeft: (this.#size - sentBytes) / bytesPerSecond }
  }
}
