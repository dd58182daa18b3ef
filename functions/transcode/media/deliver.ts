/** Takes all of `body`, and writes it whole or not at all: when `body` throws, it throws. */
export type Store = (body: AsyncIterable<Buffer>) => Promise<unknown>

/**
 * Hands what `produce` yields to `store`. Throws what `produce` threw, whatever `store` made of it, else what `store` threw.
 * The signal that `produce` gets aborts with `signal`, and when `store` wants no more.
 */
export async function deliver(
  produce: (signal: AbortSignal) => AsyncIterable<Buffer>,
  store: Store,
  signal: AbortSignal,
): Promise<void> {
  const done = new AbortController()
  let outcome: 'running' | 'complete' | { error: unknown } = 'running'
  async function* body(): AsyncGenerator<Buffer> {
    try {
      yield* produce(AbortSignal.any([signal, done.signal]))
      outcome = 'complete'
    } catch (error) {
      outcome = { error }
      throw error
    }
  }
  const result = (): typeof outcome => outcome
  try {
    await store(body())
  } catch (error) {
    const produced = result()
    throw typeof produced === 'object' ? produced.error : error
  } finally {
    done.abort(new Error('The output is not wanted any more'))
  }
  if (result() !== 'complete') throw new Error('The output was not read to its end')
}
