import type { Cores } from '../cores.ts'

/**
 * Runs the tasks, as many at once as there are free cores but always one, and yields what they resolve to, in their order. Some
 * may run ahead of the one that is waited for, but not so far that what they made fills the memory. Whoever ends the
 * iteration early has to end the tasks that are running.
 */
export async function* inOrder<T>(
  tasks: readonly (() => Promise<T>)[],
  cores: Cores,
): AsyncGenerator<T, void> {
  /** Those that have been started and not been yielded: what is yielded is not kept. */
  const started: Promise<T>[] = []
  let running = 0
  let next = 0
  let ended = false
  const startWhatMay = (): void => {
    if (ended) return
    while (next < tasks.length && started.length < cores.count + 2) {
      const task = tasks[next]
      const release = running === 0 ? cores.take() : cores.takeIfFree()
      if (!task || !release) return
      next++
      running++
      const done = task().finally(() => running--)
      // Whoever waits for it hears of the error.
      done.catch(() => (ended = true)).finally(release)
      started.push(done)
    }
  }
  const stopListening = cores.onDone(startWhatMay)
  try {
    for (let due = 0; due < tasks.length; due++) {
      startWhatMay()
      // The one that is due is the first that has not ended: it has been started, or nothing is running.
      const result = await started[0]
      void started.shift()
      yield result as T
    }
  } finally {
    ended = true
    stopListening()
  }
}
