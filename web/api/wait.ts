/** Waits, but no longer than until the network is back. Rejects with the signal's reason. */
export async function wait(seconds: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      removeEventListener('online', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, seconds * 1000)
    addEventListener('online', done)
    signal.addEventListener('abort', done)
  })
  signal.throwIfAborted()
}
