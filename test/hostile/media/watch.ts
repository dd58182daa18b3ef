import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { boundsOf } from '../../../functions/transcode/media/bounds.ts'

/** The most that any child of a process was seen to take. */
export interface Taken {
  /** Bytes of memory, at the most. */
  residentBytes: number
  /** Bytes of address space, at the most. */
  addressBytes: number
  cpuSeconds: number
  children: number
  /** Children that were allowed more than the fences allow, and what. */
  unbounded: string[]
}

export interface Watch {
  stop(): Promise<Taken>
}

// What functions/transcode/media/ffmpeg-fenced.sh sets, as the kernel calls it.
const fences: [name: string, most: number][] = [
  ['Max cpu time', boundsOf(Number.MAX_SAFE_INTEGER).cpuSeconds + 10],
  ['Max file size', 0],
  ['Max core file size', 0],
  ['Max address space', 2048 * 1024 * 1024],
]
const clockTicks = 100

/** Looks at the children of a process (on Linux: elsewhere there is nothing to see) until it is stopped. */
export function watchChildren(parent: number): Watch {
  const taken: Taken = { residentBytes: 0, addressBytes: 0, cpuSeconds: 0, children: 0, unbounded: [] }
  const known = new Set<string>()
  const stop = new AbortController()
  const watching = (async () => {
    while (!stop.signal.aborted) {
      const children = await read(`/proc/${parent}/task/${parent}/children`)
      await Promise.all(
        children
          .split(' ')
          .filter(Boolean)
          .map((child) => look(child, taken, known)),
      )
      await delay(50, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return {
    async stop() {
      stop.abort()
      await watching
      return taken
    },
  }
}

async function look(child: string, taken: Taken, known: Set<string>): Promise<void> {
  // Those that look at a file, once they have passed the script that puts the fences up.
  const command = await read(`/proc/${child}/cmdline`)
  if (!command.includes('\0-format_whitelist\0') || command.includes('ffmpeg-fenced')) return
  const files = ['status', 'stat', 'limits']
  const [status = '', stat = '', limits = ''] = await Promise.all(
    files.map((file) => read(`/proc/${child}/${file}`)),
  )
  taken.residentBytes = Math.max(taken.residentBytes, kilobytes(status, 'VmHWM'))
  taken.addressBytes = Math.max(taken.addressBytes, kilobytes(status, 'VmPeak'))
  const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number)
  taken.cpuSeconds = Math.max(taken.cpuSeconds, (user + system) / clockTicks)
  if (known.has(child) || limits === '') return
  known.add(child)
  taken.children++
  for (const [limit, most] of fences) {
    const [, value = 'unlimited'] = new RegExp(`^${limit} +\\S+ +(\\S+)`, 'm').exec(limits) ?? []
    if (!(Number(value) <= most)) taken.unbounded.push(`${limit}: ${value}`)
  }
}

const kilobytes = (status: string, name: string): number =>
  1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)

/** A process may be gone by now. */
const read = (path: string): Promise<string> => readFile(path, 'latin1').catch(() => '')
