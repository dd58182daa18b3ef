import type { Demand } from '../../lib/tiers/demand.ts'

/**
 * Who asked for what, by day: objects by number, and for each the days on which it was read, in order. Flat arrays, since a
 * hundred thousand objects are read some millions of times.
 */
export interface Trace {
  name: string
  /** Days that it lasts; nothing is charged from then on. */
  days: number
  /** By object. */
  createdOn: Uint16Array
  bytes: Float64Array
  /** An object's days with reads are those from `firstRead[object]` to before `firstRead[object + 1]`. */
  firstRead: Uint32Array
  readOn: Uint16Array
  reads: Uint32Array
  /** What is truly to be expected of an object at the end of a day. Only who makes a trace knows it; no policy of ours does. */
  demand?: (object: number, day: number) => Demand
}

/** One object's part of a trace. */
export interface History {
  createdOn: number
  bytes: number
  /** Days until the end of the trace, counted from its beginning. */
  days: number
  /** Days with reads, rising, and how many each. */
  readOn: Uint16Array
  reads: Uint32Array
}

/** The history of one object of a trace. */
export function historyOf(trace: Trace, object: number): History {
  const [from, to] = [trace.firstRead[object], trace.firstRead[object + 1]]
  return {
    createdOn: trace.createdOn[object] ?? 0,
    bytes: trace.bytes[object] ?? 0,
    days: trace.days,
    readOn: trace.readOn.subarray(from, to),
    reads: trace.reads.subarray(from, to),
  }
}

/** Takes objects one after the other and makes a trace of them. */
export class TraceBuilder {
  readonly #createdOn: number[] = []
  readonly #bytes: number[] = []
  readonly #firstRead: number[] = [0]
  readonly #readOn: number[] = []
  readonly #reads: number[] = []

  /** Adds an object with its reads by day, in which days may lack and stand in any order. Bytes. */
  add(createdOn: number, bytes: number, reads: ReadonlyMap<number, number>): void {
    this.#createdOn.push(createdOn)
    this.#bytes.push(bytes)
    for (const day of [...reads.keys()].toSorted((one, other) => one - other)) {
      const count = reads.get(day) ?? 0
      if (count === 0) continue
      this.#readOn.push(day)
      this.#reads.push(count)
    }
    this.#firstRead.push(this.#readOn.length)
  }

  trace(name: string, days: number): Trace {
    return {
      name,
      days,
      createdOn: Uint16Array.from(this.#createdOn),
      bytes: Float64Array.from(this.#bytes),
      firstRead: Uint32Array.from(this.#firstRead),
      readOn: Uint16Array.from(this.#readOn),
      reads: Uint32Array.from(this.#reads),
    }
  }
}
