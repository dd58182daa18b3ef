import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { descendantsOf } from './process-tree.ts'

const everyMs = 100

/**
 * The most memory, in MiB, that a process and all that descend from it have together while `work` runs, looked at ten times a
 * second. And what `work` gives. Of the process itself it is the RSS, since whoever measures may run the same program; of the
 * others the PSS, so that what they share counts once.
 */
export async function peakMemory<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ mib: number; result: T }> {
  let kib = 0
  const ended = new AbortController()
  const watch = async (): Promise<void> => {
    while (!ended.signal.aborted) {
      const sizes = [sizeOf(pid, 'Rss'), ...descendantsOf(pid).map((child) => sizeOf(child, 'Pss'))]
      const together = (await Promise.all(sizes)).reduce((sum, size) => sum + size)
      kib = Math.max(kib, together)
      await delay(everyMs)
    }
  }
  const watching = watch()
  try {
    const result = await work()
    return { mib: kib / 1024, result }
  } finally {
    ended.abort()
    await watching
  }
}

/** The RSS or PSS of a process in KiB. What has ended meanwhile counts nothing. */
export async function sizeOf(pid: number, what: 'Rss' | 'Pss'): Promise<number> {
  const rollup = await readOrNothing(`/proc/${pid}/smaps_rollup`)
  return Number(new RegExp(`^${what}:\\s+(?<kib>\\d+) kB$`, 'm').exec(rollup)?.groups?.['kib'] ?? 0)
}

const readOrNothing = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '')
