/** What `source` yields, each changed by `change`; and what it returns. */
export async function* mapped<From, To, Result>(
  source: AsyncGenerator<From, Result>,
  change: (value: From) => To,
): AsyncGenerator<To, Result> {
  let isDone = false
  try {
    for (;;) {
      const { value, done } = await source.next()
      if (done) {
        isDone = true
        return value
      }
      yield change(value)
    }
  } finally {
    // Whoever ends the iteration early is not interested in the result.
    if (!isDone) await source.return(undefined as Result)
  }
}
