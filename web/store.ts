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

/** What a store's value comes down to; the component renders again only when that is another. */
export function useDerived<T, V extends boolean | number | string>(
  store: Store<T>,
  derive: (value: T) => V,
): V {
  const [derived, setDerived] = useState(derive(store.get()))
  useLayoutEffect(() => {
    const read = (): void => setDerived(derive(store.get()))
    read()
    return store.subscribe(read)
  }, [store])
  return derived
}
