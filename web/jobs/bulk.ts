/** What became of doing something to many. */
export interface BulkResult<T> {
  done: T[]
  /** Those that it did not work for, and what was thrown. */
  failed: { item: T; error: unknown }[]
}

const atOnce = 4

/** Does something to each, a few at once, and goes on where one fails. */
export async function forEach<T>(
  items: readonly T[],
  act: (item: T) => Promise<void>,
): Promise<BulkResult<T>> {
  const result: BulkResult<T> = { done: [], failed: [] }
  const left = items.values()
  async function work(): Promise<void> {
    for (const item of left) {
      try {
        await act(item)
        result.done.push(item)
      } catch (error) {
        result.failed.push({ item, error })
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return result
}
