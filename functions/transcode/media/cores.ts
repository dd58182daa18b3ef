import { availableParallelism } from 'node:os'
import { readConfig } from '../../../lib/config.ts'

const { CONVERSION_CORES } = readConfig(['CONVERSION_CORES'])

/** Counts which of so many cores are at work, so that conversions that run at the same time share them. */
export class Cores {
  readonly count: number
  #busy = 0
  readonly #listeners = new Set<() => void>()

  constructor(count: number) {
    this.count = count
  }

  /** Whether more is at work than there are cores. */
  get crowded(): boolean {
    return this.#busy > this.count
  }

  get hasFree(): boolean {
    return this.#busy < this.count
  }

  /** For what has to go on, free core or not. Gives what to call when it is done. */
  take(): () => void {
    this.#busy++
    return () => {
      this.#busy--
      for (const listener of this.#listeners) listener()
    }
  }

  /** For what only makes sense on a core of its own. Gives what to call when it is done; undefined if no core is free. */
  takeIfFree(): (() => void) | undefined {
    return this.hasFree ? this.take() : undefined
  }

  /** Calls `listener` whenever something is done. Gives what to call when that is not wanted any more. */
  onDone(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}

/** Those of this process: as many as the machine has, or CONVERSION_CORES. */
export const sharedCores = new Cores(CONVERSION_CORES ?? availableParallelism())
