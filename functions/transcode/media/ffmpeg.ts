import { ChildProcess } from 'node:child_process'
import { PassThrough, type Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Bounds } from './bounds.ts'
import { executable } from './executable.ts'
import { findFfmpeg } from './find-ffmpeg.ts'
import { MediaError } from './media-error.ts'

// fluent-ffmpeg cannot give its children an environment or limits: it starts this script in ffmpeg's place, its own questions
// about ffmpeg's abilities included. The script learns from one variable where ffmpeg is.
const fencedFfmpeg = fileURLToPath(new URL('ffmpeg-fenced.sh', import.meta.url))
let fence: Promise<string> | undefined

export interface Run {
  /** Served at a URL, or sent to standard input; and the only demuxer that may look at it. */
  input: ({ url: string } | { stdin: Readable }) & {
    demuxer: string
    /** What it may take of the machine. */
    bounds: Pick<Bounds, 'cpuSeconds' | 'logLines'>
  }
  inputOptions?: string[]
  /** Decoders of pictures that it may open to see what they are like, by their names; none where nothing is said. */
  pictureDecoders?: string[]
  /** What is written to standard output, with its format. */
  outputOptions: string[]
  /** Kills ffmpeg at once. */
  signal: AbortSignal
  /** Called with every line that ffmpeg logs, each marked with its level. */
  onLine: (line: string) => void
}

export interface Exit {
  code: number | null
  /** Which signal ended it, if one did. */
  signal: NodeJS.Signals | null
}

export interface Running {
  stdout: Readable
  /** Resolves when ffmpeg has gone and all its output was taken. Rejects with the signal's reason, or if it did not start. */
  exit: Promise<Exit>
  /** Kills ffmpeg if it still runs, and resolves when it is gone. */
  stop(): Promise<void>
}

const logOptions = '-nostdin -hide_banner -loglevel repeat+level+verbose -stats -stats_period 0.5'.split(' ')

// Left alone, ffmpeg hands over every frame of sound by itself: a wake-up for each of some hundred bytes.
const pipeOptions = ['-flush_packets', '0']

/** Starts one fenced ffmpeg. Its standard output must be read to the end, or it must be stopped. */
export async function startFfmpeg(run: Run): Promise<Running> {
  run.signal.throwIfAborted()
  const { path, soundDecoders } = await findFfmpeg()
  process.env.TAPEDECK_FFMPEG = path
  const fenced = await (fence ??= executable(fencedFfmpeg))
  // Not before it is needed: an instance that starts up shall take its first event soon.
  const { default: createCommand } = await import('fluent-ffmpeg')
  // Without 'close': fluent-ffmpeg would take that for a reader that went away, and call a run that just ended an error.
  const stdout = new PassThrough({ highWaterMark: 1024 * 1024, emitClose: false })
  const unwanted = new AbortController()
  const { logLines } = run.input.bounds
  let lines = 0
  const onLine = (line: string): void => {
    if (++lines <= logLines) run.onLine(line)
    else
      unwanted.abort(
        new MediaError('CORRUPT', 'The file is damaged: there is no end of what is to be said about it.'),
      )
  }
  const command = createCommand()
    .setFfmpegPath(fenced)
    .input('stdin' in run.input ? run.input.stdin : run.input.url)
    .inputOptions(
      ...cpuBound(run.input),
      ...logOptions,
      ...fences(run, soundDecoders),
      ...(run.inputOptions ?? []),
    )
    .output(stdout)
    .outputOptions(...pipeOptions, ...run.outputOptions)
    .on('stderr', onLine)

  stdout.on('error', () => {}) // Whoever reads it hears of it by that.

  const signal = AbortSignal.any([run.signal, unwanted.signal])
  const exit = new Promise<Exit>((resolve, reject) => {
    const fail = (error: Error) => {
      stdout.destroy(error)
      reject(error)
    }
    let child: ChildProcess | undefined
    command.on('start', () => {
      const started = (child = childOf(command))
      const kill = () => {
        started.kill('SIGKILL')
        // A pipe that nobody reads would keep the child from being reported as gone.
        started.stdout?.destroy()
        stdout.destroy(asError(signal.reason))
      }
      started.once('close', (code, endedBy) => {
        signal.removeEventListener('abort', kill)
        if (signal.aborted) fail(asError(signal.reason))
        else resolve({ code, signal: endedBy })
      })
      signal.addEventListener('abort', kill, { once: true })
      if (signal.aborted) kill()
    })
    command.on('error', (error: Error) => {
      // An exit other than 0 is an error here too, but that is for 'close' above. Left is a child that never was.
      if (child?.pid === undefined) fail(error)
    })
  })
  exit.catch(() => {}) // The reader of stdout may fail first and not ask.
  command.run()
  const stop = async (): Promise<void> => {
    unwanted.abort(new Error('Its output was not wanted any more'))
    await exit.catch(() => {})
  }
  return { stdout, exit, stop }
}

/** For the script, which takes it off: it has to stand first. */
const cpuBound = ({ bounds }: Run['input']): string[] => ['-cpu_seconds', String(bounds.cpuSeconds)]

/**
 * What makes it safe to give ffmpeg a hostile file: one demuxer, no protocol but the one that the input comes by, and decoders of
 * sound alone. Without being told, it decodes the beginning of every track to see what it is like, pictures and subtitles too.
 */
function fences({ input, pictureDecoders = [] }: Run, soundDecoders: string[]): string[] {
  const { demuxer } = input
  const isServed = 'url' in input
  const only = `-protocol_whitelist ${isServed ? 'http,tcp' : 'pipe'} -format_whitelist ${demuxer} -f ${demuxer}`
  const decoders = [...soundDecoders, ...pictureDecoders].join(',')
  return [...only.split(' '), '-codec_whitelist', decoders, ...(isServed ? httpOptions : [])]
}

// `rw_timeout` is in microseconds and above what the range server needs to notice and mend a failure. A picture of less than
// 4 MiB between two pieces of sound is read and dropped: asking a store for the next range would take longer.
const httpOptions = '-rw_timeout 60000000 -reconnect 1 -reconnect_delay_max 5 -short_seek_size 4194304'.split(
  ' ',
)

/** fluent-ffmpeg keeps the process to itself. */
function childOf(command: object): ChildProcess {
  const child: unknown = Reflect.get(command, 'ffmpegProc')
  if (!(child instanceof ChildProcess))
    throw new Error('fluent-ffmpeg keeps its process elsewhere than expected')
  return child
}

const asError = (reason: unknown): Error => (reason instanceof Error ? reason : new Error(String(reason)))
