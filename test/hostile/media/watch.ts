import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { boundsOf } from '../../../functions/transcode/media/bounds.ts'

/** What the children of a process were seen to take, at the most. */
export interface Taken {
  residentBytes: number
  addressBytes: number
  cpuSeconds: number
  /** Of its own CPU time, as a part of 1. */
  cpuShare: number
  children: number
  /** Children that were allowed more than the fences allow, and what. */
  unbounded: string[]
}

export interface Watch {
  /** Expects the process to work on a file of so many bytes. */
  expect(bytes: number): void
  /** Whether there is anything to see: only Linux shows it. */
  isBlind: boolean
  stop(): Promise<Taken>
}

/** Of addresses, for every ffmpeg. */
export const mostAddressBytes = 2048 * 1024 * 1024
// What functions/transcode/media/ffmpeg-fenced.sh sets for all files alike, as the kernel calls it.
const fences: [name: string, most: number][] = [
  ['Max file size', 0],
  ['Max core file size', 0],
  ['Max address space', mostAddressBytes],
]
const toEndInSeconds = 10
const clockTicks = 100

/** Looks at the children of a process until it is stopped. */
export function watchChildren(parent: number): Watch {
  const watched = new Watched()
  const stop = new AbortController()
  const watching = (async () => {
    while (!stop.signal.aborted) {
      const children = await read(`/proc/${parent}/task/${parent}/children`)
      await Promise.all(
        children
          .split(' ')
          .filter(Boolean)
          .map((child) => watched.look(child)),
      )
      await delay(50, undefined, { signal: stop.signal }).catch(() => {})
    }
  })()
  return {
    isBlind: process.platform !== 'linux',
    expect: (bytes) => void watched.cpuLimits.add(boundsOf(bytes).cpuSeconds),
    async stop() {
      stop.abort()
      await watching
      return watched.taken
    },
  }
}

class Watched {
  readonly taken: Taken = {
    ...{ residentBytes: 0, addressBytes: 0, cpuSeconds: 0, cpuShare: 0, children: 0 },
    unbounded: [],
  }
  /** In seconds, as they follow from the files. */
  readonly cpuLimits = new Set<number>()
  readonly #known = new Set<string>()

  async look(child: string): Promise<void> {
    // Those that look at a file, once they have passed the script that puts the fences up.
    const command = await read(`/proc/${child}/cmdline`)
    if (!command.includes('\0-format_whitelist\0') || command.includes('ffmpeg-fenced')) return
    const files = ['status', 'stat', 'limits']
    const [status = '', stat = '', limits = ''] = await Promise.all(
      files.map((file) => read(`/proc/${child}/${file}`)),
    )
    if (limits === '') return
    const { taken } = this
    taken.residentBytes = Math.max(taken.residentBytes, kilobytes(status, 'VmHWM'))
    taken.addressBytes = Math.max(taken.addressBytes, kilobytes(status, 'VmPeak'))
    const [user = 0, system = 0] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number)
    const cpuSeconds = (user + system) / clockTicks
    taken.cpuSeconds = Math.max(taken.cpuSeconds, cpuSeconds)
    const [softCpu = Infinity, hardCpu = Infinity] = limitsOf(limits, 'Max cpu time')
    taken.cpuShare = Math.max(taken.cpuShare, cpuSeconds / softCpu)
    if (this.#known.has(child)) return
    this.#known.add(child)
    taken.children++
    if (!this.cpuLimits.has(softCpu))
      taken.unbounded.push(`seconds of CPU, as for none of the files: ${softCpu}`)
    if (hardCpu !== softCpu + toEndInSeconds) taken.unbounded.push(`seconds of CPU: ${softCpu} to ${hardCpu}`)
    for (const [limit, most] of fences) {
      const [, hard = Infinity] = limitsOf(limits, limit)
      if (hard > most) taken.unbounded.push(`${limit}: ${hard}`)
    }
  }
}

export const takenText = ({ children, residentBytes, addressBytes, cpuSeconds, cpuShare }: Taken): string =>
  `${children} ffmpegs seen: the most memory ${megabytes(residentBytes)} MB, the most addresses ${megabytes(addressBytes)} MB of ` +
  `${megabytes(mostAddressBytes)}, the most CPU time ${cpuSeconds} s, at most ${Math.ceil(100 * cpuShare)} % of its own bound.`

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000)

/** A limit of a process, soft and hard. */
function limitsOf(limits: string, name: string): number[] {
  const [, ...values] = new RegExp(`^${name} +(\\S+) +(\\S+)`, 'm').exec(limits) ?? []
  return values.map((value) => (value === 'unlimited' ? Infinity : Number(value)))
}

const kilobytes = (status: string, name: string): number =>
  1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)

/** A process may be gone by now. */
const read = (path: string): Promise<string> => readFile(path, 'latin1').catch(() => '')
