import { box, lengthOf, longs, words } from './boxes.ts'
import type { Run, Sample } from './fragment.ts'
import { NumberList, RunLengthList } from './number-list.ts'

/** A day of sound, or 37 hours of 30 pictures a second. It bounds the memory: a sample takes 4 bytes, at the very worst 44. */
const mostSamples = 4_000_000

/** Where the samples of one track are, how long they last, and where decoding can begin (ISO/IEC 14496-12, 8.6 and 8.7). */
export class SampleTable {
  /** When the last sample that is shown ends, in the track's timescale. */
  shownUntil = 0
  #count = 0
  #sizes = new NumberList()
  #durations = new RunLengthList()
  #offsets = new RunLengthList()
  #lowestOffset = 0
  #highestOffset = 0
  #syncSamples = new NumberList()
  #chunkStarts: number[] = []
  #chunkSizes = new NumberList()
  #lastChunkSize = 0
  // When the last sample is decoded, and how long it lasts by its own account.
  #lastTime = 0
  #lastDuration = 0

  /** Throws if the samples cannot follow those that came before. */
  add({ decodeTime, start, samples }: Run): void {
    const before = this.#count
    let time = decodeTime
    for (const sample of samples) {
      this.#addSample(sample, time)
      time += sample.duration
    }
    this.#addChunk(start, this.#count - before)
  }

  /** How long all samples last, in the track's timescale. */
  get duration(): number {
    return this.#lastTime + this.#lastDuration
  }

  #addSample({ duration, size, compositionOffset, isSync }: Sample, time: number): void {
    if (this.#count === 0 && time !== 0) throw new Error(`A track begins at ${time}, not at 0.`)
    if (time < this.#lastTime) throw new Error(`A sample at ${time} comes after one at ${this.#lastTime}.`)
    if (++this.#count > mostSamples) throw new Error(`A track has more than ${mostSamples} samples.`)
    // A sample lasts until the next one: only at the very end it has to say so itself.
    if (this.#count > 1) this.#durations.push(time - this.#lastTime)
    this.#sizes.push(size)
    // As 32 bits, whether or not with a sign.
    this.#offsets.push(compositionOffset >>> 0)
    this.#lowestOffset = Math.min(this.#lowestOffset, compositionOffset)
    this.#highestOffset = Math.max(this.#highestOffset, compositionOffset)
    if (isSync) this.#syncSamples.push(this.#count)
    this.#lastTime = time
    this.#lastDuration = duration
    this.shownUntil = Math.max(this.shownUntil, time + compositionOffset + duration)
  }

  #addChunk(start: number, size: number): void {
    this.#chunkStarts.push(start)
    if (size === this.#lastChunkSize) return
    for (const number of [this.#chunkStarts.length, size, 1]) this.#chunkSizes.push(number)
    this.#lastChunkSize = size
  }

  /** The boxes that say all this, in a file in which the stream begins at the byte `shift`. */
  boxes(shift: number): Buffer[] {
    const durations = [this.#durations.pairs, ...(this.#count > 0 ? [words(1, this.#lastDuration)] : [])]
    const hasOffsets = this.#lowestOffset !== this.#highestOffset
    const isSigned = this.#lowestOffset < 0
    const chunks = this.#chunkStarts.map((start) => start + shift)
    return [
      ...box('stts', words(0, lengthOf(durations) / 8), ...durations),
      ...(hasOffsets
        ? box('ctts', words(isSigned ? 1 << 24 : 0, this.#offsets.pairs.length / 8), this.#offsets.pairs)
        : []),
      // Without this box every sample is one.
      ...(this.#syncSamples.length < this.#count
        ? box('stss', words(0, this.#syncSamples.length), this.#syncSamples.bytes)
        : []),
      ...box('stsc', words(0, this.#chunkSizes.length / 3), this.#chunkSizes.bytes),
      ...box('stsz', words(0, 0, this.#count), this.#sizes.bytes),
      ...box('co64', words(0, chunks.length), longs(chunks)),
    ]
  }
}
