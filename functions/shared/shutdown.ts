import { hostedFunction } from './hosted.ts'

const signals = ['SIGTERM', 'SIGINT'] as const
/** Cloud Run kills the process ten seconds after it has told it to end. */
const mostMs = 9000

const told = new AbortController()
const running = new Set<Promise<unknown>>()

/** Aborted once the process is told to end. What has no end of its own has to end then, and work that takes long be handed back. */
export const shutdown: AbortSignal = told.signal

/** Runs what the process should not end in the middle of, if it takes no longer than the process is given. */
export async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  const done = work()
  running.add(done)
  try {
    return await done
  } finally {
    running.delete(done)
  }
}

for (const name of signals) process.once(name, () => told.abort())
if (hostedFunction() !== undefined) {
  process.on('newListener', dismissOthers)
  shutdown.addEventListener('abort', () => void exitWhenDone())
}

/** functions-framework listens too, from the moment on at which it serves, and exits at once. */
function dismissOthers(event: string | symbol, listener: (...args: unknown[]) => void): void {
  if (signals.some((name) => name === event)) queueMicrotask(() => process.off(event, listener))
}

async function exitWhenDone(): Promise<void> {
  setTimeout(() => process.exit(1), mostMs)
  while (running.size > 0) await Promise.allSettled(running)
  // What was answered last still has to leave the process.
  setTimeout(() => process.exit(0), 100)
}
