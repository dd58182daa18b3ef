import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'
import { findFfmpeg } from '../../functions/transcode/media/index.ts'

/** How many cores conversions are measured on. */
const measuredCores = 2

/** Runs ffmpeg as the server does, at niceness 10; gives the seconds that it took, and rejects with what it wrote if it fails. */
export async function ffmpeg(args: string[]): Promise<number> {
  const { path } = await findFfmpeg()
  const begun = performance.now()
  const quiet = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y']
  const child = spawn('nice', ['-n', '10', path, ...quiet, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  await once(child, 'close')
  if (child.exitCode !== 0) throw new Error(`ffmpeg ${args.join(' ')} failed:\n${errors}`)
  return (performance.now() - begun) / 1000
}

/** Runs `work` with this process, and all that it starts, on two cores where there are more. */
export async function onTwoCores<T>(work: () => Promise<T>): Promise<T> {
  if (availableParallelism() <= measuredCores) return work()
  const before = await allowedCores()
  await pin(before.slice(0, measuredCores))
  try {
    return await work()
  } finally {
    await pin(before)
  }
}

async function allowedCores(): Promise<number[]> {
  const status = await readFile('/proc/self/status', 'utf8')
  return coresFrom(/^Cpus_allowed_list:\s*(?<list>\S+)$/m.exec(status)?.groups?.['list'] ?? '')
}

/** The cores of a list such as `0-3,8`. */
export const coresFrom = (list: string): number[] =>
  list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })

async function pin(cores: number[]): Promise<void> {
  // All threads: a child begins on the cores of the thread that started it.
  await promisify(execFile)('taskset', ['-a', '-p', '-c', cores.join(','), String(process.pid)])
}
