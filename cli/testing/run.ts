import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inherited } from '../../test/inherited.ts'

const root = join(import.meta.dirname, '../..')

export interface Result {
  exitCode: number | null
  stdout: string
  stderr: string
}

export interface Running {
  child: ChildProcess
  result: Promise<Result>
}

export interface Place {
  /** Where the command is called. */
  folder: string
  /** The system's temporary folder, as the command sees it. */
  temp: string
  remove(): Promise<void>
}

/** An empty folder with a temporary one of its own beside it. */
export async function makePlace(): Promise<Place> {
  const [folder, temp] = await Promise.all(
    ['folder', 'temp'].map((name) => mkdtemp(join(tmpdir(), `tapedeck-cli-${name}-`))),
  )
  if (folder === undefined || temp === undefined) throw new Error('Two folders were asked for.')
  return {
    folder,
    temp,
    async remove() {
      await Promise.all([folder, temp].map((path) => rm(path, { recursive: true, force: true })))
    },
  }
}

/** Starts the command as a person would, without a terminal. */
export function start(place: Place, args: string[], env: Record<string, string> = {}): Running {
  const child = spawn(process.execPath, [join(root, 'cli/convert.ts'), ...args], {
    cwd: place.folder,
    env: {
      PATH: process.env['PATH'],
      ...inherited('FFMPEG_PATH', 'NODE_COMPILE_CACHE'),
      TMPDIR: place.temp,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const result = once(child, 'close').then(() => ({ exitCode: child.exitCode, stdout, stderr }))
  return { child, result }
}

/** Runs the command to its end. */
export const run = (...args: Parameters<typeof start>): Promise<Result> => start(...args).result
