import fc from 'fast-check'
import { TraceBuilder, type History, type Trace } from './trace.ts'

/** A history, read once on each of its days if nothing else is said. */
export function historyFrom(given: {
  days: number
  createdOn?: number
  bytes?: number
  readOn?: readonly number[]
  reads?: readonly number[]
}): History {
  const { days, createdOn = 0, bytes = 2 ** 30, readOn = [], reads = readOn.map(() => 1) } = given
  return { createdOn, bytes, days, readOn: Uint16Array.from(readOn), reads: Uint32Array.from(reads) }
}

/** Any histories of up to so many days. */
export const historiesOf = (mostDays: number): fc.Arbitrary<History> =>
  fc
    .record({
      days: fc.integer({ min: 1, max: mostDays }),
      created: fc.integer({ min: 0, max: mostDays }),
      bytes: fc.integer({ min: 1, max: 2e9 }),
      reads: fc.array(fc.tuple(fc.integer({ min: 0, max: mostDays }), fc.integer({ min: 1, max: 5 })), {
        maxLength: 12,
      }),
    })
    .map(({ days, created, bytes, reads }) => {
      const createdOn = Math.floor(created % Math.min(3, days))
      const byDay = new Map(reads.map(([day, count]) => [createdOn + (day % (days - createdOn)), count]))
      const readOn = [...byDay.keys()].toSorted((one, other) => one - other)
      return historyFrom({ days, createdOn, bytes, readOn, reads: readOn.map((day) => byDay.get(day) ?? 0) })
    })

/** A trace of histories, which lasts as long as the longest of them. */
export function traceOf(histories: readonly History[]): Trace {
  const builder = new TraceBuilder()
  for (const { createdOn, bytes, readOn, reads } of histories)
    builder.add(createdOn, bytes, new Map([...readOn].map((day, index) => [day, reads[index] ?? 0])))
  return builder.trace('test', Math.max(...histories.map(({ days }) => days)))
}
