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
  const started: Promise<T>[] = []
  let running = 0
  let due = 0
  let ended = false
  const startWhatMay = (): void => {
    if (ended) return
    while (started.length < Math.min(tasks.length, due + cores.count + 2)) {
      const task = tasks[started.length]
      const release = running === 0 ? cores.take() : cores.takeIfFree()
      if (!task || !release) return
      running++
      const done = task().finally(() => running--)
      // Whoever waits for it hears of the error.
      done.catch(() => (ended = true)).finally(release)
      started.push(done)
    }
  }
  const stopListening = cores.onDone(startWhatMay)
  try {
    for (; due < tasks.length; due++) {
      startWhatMay()
      // The one that is due is the first that has not ended: it has been started, or nothing is running.
      const result = await started[due]
      yield result as T
    }
  } finally {
    ended = true
    stopListening()
  }
}
