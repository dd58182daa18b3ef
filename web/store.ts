import { useLayoutEffect, useState } from 'preact/hooks'

/** A value that components and clients share. */
export interface Store<T> {
  get(): T
  set(value: T): void
  /** Calls `listener` after every change, until the returned function is called. */
  subscribe(listener: () => void): () => void
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return
      value = next
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** The store's value; the component renders again whenever it changes. */
export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(store.get())
  useLayoutEffect(() => {
    const read = (): void => setValue(() => store.get())
    // It may have changed between the first rendering and now.
    read()
    return store.subscribe(read)
  }, [store])
  return value
}
