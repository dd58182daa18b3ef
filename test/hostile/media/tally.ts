import type { Outcome } from './room.ts'
import type { Taken } from './watch.ts'

/** Counts what became of many files. */
export class Tally {
  unexpected: string[] = []
  readonly #endings = new Map<string, number>()
  #slowest = { what: 'none', seconds: 0 }
  #largest = { what: 'none', bytes: 0 }

  add(what: string, { ending, words, seconds, made }: Outcome): void {
    this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1)
    if (ending === 'UNEXPECTED') this.unexpected.push(`${what}: ${words}`)
    if (seconds > this.#slowest.seconds) this.#slowest = { what, seconds }
    const bytes = made.reduce((total, { length }) => total + length, 0)
    if (bytes > this.#largest.bytes) this.#largest = { what, bytes }
  }

  report(seed: number, taken: Taken): string {
    const endings = [...this.#endings].toSorted(([, one], [, other]) => other - one)
    return [
      `Seed ${seed}: ${endings.map(([ending, count]) => `${count} ${ending}`).join(', ')}.`,
      `Slowest: ${this.#slowest.seconds.toFixed(1)} s (${this.#slowest.what}).`,
      `Most output: ${this.#largest.bytes} bytes (${this.#largest.what}).`,
      `Most memory of an ffmpeg: ${Math.round(taken.residentBytes / 1e6)} MB, of addresses ` +
        `${Math.round(taken.addressBytes / 1e6)} MB; most CPU ${taken.cpuSeconds} s; ${taken.children} seen.`,
    ].join('\n')
  }
}
