import type { Outcome } from './room.ts'
import { takenText, type Taken } from './watch.ts'

/** Counts what became of many files. */
export class Tally {
  unexpected: string[] = []
  readonly #endings = new Map<string, number>()
  #slowest = { what: 'none', seconds: 0 }
  #largest = { what: 'none', bytes: 0 }

  add(
    what: string,
    { ending = 'UNEXPECTED', words, seconds, made = [] }: Partial<Outcome> & { seconds: number },
  ): void {
    this.#endings.set(ending, (this.#endings.get(ending) ?? 0) + 1)
    if (ending === 'UNEXPECTED') this.unexpected.push(`${what}: ${words}`)
    if (seconds > this.#slowest.seconds) this.#slowest = { what, seconds }
    const bytes = made.reduce((total, { length }) => total + length, 0)
    if (bytes > this.#largest.bytes) this.#largest = { what, bytes }
  }

  /** In sentences. */
  report(taken: Taken): string[] {
    const endings = [...this.#endings].toSorted(([, one], [, other]) => other - one)
    const total = endings.reduce((sum, [, count]) => sum + count, 0)
    const { what, bytes } = this.#largest
    return [
      `${total} files: ${endings.map(([ending, count]) => `${count} ${ending}`).join(', ')}.`,
      `Slowest: ${this.#slowest.seconds.toFixed(1)} s (${this.#slowest.what}).`,
      ...(bytes > 0 ? [`Most output: ${bytes} bytes (${what}).`] : []),
      takenText(taken),
    ]
  }
}
