import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

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
      kib = Math.max(kib, (await sizeOf(pid, 'Rss')) + (await sizeOfChildren(pid)))
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

/** In KiB, of all that descend from a process. */
async function sizeOfChildren(pid: number): Promise<number> {
  const children = await childrenOf(pid)
  const sizes = await Promise.all(children.flatMap((child) => [sizeOf(child, 'Pss'), sizeOfChildren(child)]))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** In KiB. What has ended meanwhile counts nothing. */
async function sizeOf(pid: number, what: 'Rss' | 'Pss'): Promise<number> {
  const rollup = await readOrNothing(`/proc/${pid}/smaps_rollup`)
  return Number(new RegExp(`^${what}:\\s+(?<kib>\\d+) kB$`, 'm').exec(rollup)?.groups?.['kib'] ?? 0)
}

/** Of all its threads: any of them may have started a process. */
async function childrenOf(pid: number): Promise<number[]> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    threads.map((thread) => readOrNothing(`/proc/${pid}/task/${thread}/children`)),
  )
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
}

const readOrNothing = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '')
