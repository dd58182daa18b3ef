/** Takes `body` and writes it whole or not at all: when `body` throws, it throws. */
export type Store = (body: AsyncIterable<Buffer>) => Promise<unknown>

/**
 * Hands what `produce` yields to `store`. Throws what `produce` threw, whatever `store` made of it, else what `store` threw.
 * Resolves to whether `store` took everything. The signal that `produce` gets aborts with `signal`, and when `store` is done;
 * nothing of `produce` is left behind.
 */
export async function deliver(
  produce: (signal: AbortSignal) => AsyncIterable<Buffer>,
  store: Store,
  signal: AbortSignal,
): Promise<boolean> {
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
  const running = body()
  try {
    await store(running)
  } catch (error) {
    const produced = result()
    throw typeof produced === 'object' ? produced.error : error
  } finally {
    done.abort(new Error('The output is not wanted any more'))
    await running.return(undefined)
  }
  return result() === 'complete'
}
