import type { Change, RecordStore, Watched } from '../../../platform/ports.ts'

export interface Watching<T> {
  /** What was told, call by call. */
  calls: Change<T>[][]
  /** The watched records as they were told last. */
  seen: Map<string, T>
  /** Waits for the watch to have told something that makes this true; rejects if the watch breaks off. */
  until(condition: () => boolean): Promise<void>
  stop(): void
}

/** Watches, and remembers everything that it is told. */
export function watching<T>(store: RecordStore, what: Watched<T>): Watching<T> {
  const calls: Change<T>[][] = []
  const seen = new Map<string, T>()
  let told = Promise.withResolvers<void>()
  // Nobody may be waiting when the watch breaks off.
  told.promise.catch(() => undefined)
  const stop = store.watch(
    what,
    (changes) => {
      calls.push(changes)
      for (const { id, data } of changes) {
        if (data === undefined) seen.delete(id)
        else seen.set(id, data)
      }
      told.resolve()
      told = Promise.withResolvers<void>()
      told.promise.catch(() => undefined)
    },
    (error) => told.reject(error),
  )
  return {
    calls,
    seen,
    stop,
    async until(condition) {
      while (!condition()) await told.promise
    },
  }
}
