/** What became of doing something to many. */
export interface BulkResult<T> {
  done: T[]
  /** Those that it did not work for, and what was thrown. */
  failed: { item: T; error: unknown }[]
}

interface Watch {
  /** Once it is aborted, no further one is begun. */
  signal?: AbortSignal
  /** Called after each, with how many have been tried. */
  onProgress?: (count: number) => void
}

const atOnce = 4

/** Does something to each, a few at once, and goes on where one fails. */
export async function forEach<T>(
  items: readonly T[],
  act: (item: T) => Promise<void>,
  { signal, onProgress }: Watch = {},
): Promise<BulkResult<T>> {
  const result: BulkResult<T> = { done: [], failed: [] }
  const left = items.values()
  async function work(): Promise<void> {
    for (const item of left) {
      if (signal?.aborted) return
      try {
        await act(item)
        result.done.push(item)
      } catch (error) {
        result.failed.push({ item, error })
      }
      onProgress?.(result.done.length + result.failed.length)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return result
}
