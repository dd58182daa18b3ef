import { setTimeout as delay } from 'node:timers/promises'

/** So many failures in a row, over two to four minutes, are the end of it. */
export const mostFailures = 12

export type Wait = (seconds: number, signal: AbortSignal) => Promise<void>

/** Rejects with the signal's reason when aborted. */
export const wait: Wait = async (seconds, signal) => {
  await delay(seconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted())
}
