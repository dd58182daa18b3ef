import { throwUnlessEnded } from './exit.ts'
import { startFfmpeg, type Run } from './ffmpeg.ts'
import { FfmpegLog } from './log.ts'
import { mapped } from './mapped.ts'
import { FrameSplitter, type Frame } from './mp3/frames.ts'

export interface OutputRun extends Omit<Run, 'onLine'> {
  /** Called whenever ffmpeg has logged something. */
  onLog?: (log: FfmpegLog) => void
}

/** What a run of ffmpeg found on its way. */
export interface Findings {
  log: FfmpegLog
  /** How many things were wrong. */
  errors: number
}

/** Runs one ffmpeg, and yields what it writes. Throws MediaError CORRUPT if it crashes over the file. */
export async function* runForBytes({ onLog, ...run }: OutputRun): AsyncGenerator<Buffer, Findings> {
  const log = new FfmpegLog()
  const onLine = (line: string): void => {
    log.read(line)
    onLog?.(log)
  }
  const { stdout, exit, stop } = await startFfmpeg({ ...run, onLine })
  try {
    for await (const chunk of stdout) yield chunk as Buffer
  } finally {
    if (!stdout.readableEnded) await stop()
  }
  const { code } = throwUnlessEnded(await exit, log)
  if (!log.opened) throw new Error(`ffmpeg could not begin: ${log.lastErrors.join('; ')}`)
  return { log, errors: log.errors + (code === 0 ? 0 : 1) }
}

/** The same for one that writes MP3: yields its frames. */
export async function* runForFrames(run: OutputRun): AsyncGenerator<Frame[], Findings> {
  const splitter = new FrameSplitter()
  const { log, errors } = yield* mapped(runForBytes(run), (chunk) => splitter.push(chunk))
  yield splitter.end()
  return { log, errors: errors + splitter.interruptions }
}
