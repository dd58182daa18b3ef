import { throwUnlessEnded } from './exit.ts'
import { startFfmpeg, type Run } from './ffmpeg.ts'
import { FfmpegLog } from './log.ts'
import { FrameSplitter, type Frame } from './mp3/frames.ts'

export interface FrameRun extends Omit<Run, 'onLine'> {
  /** Called whenever ffmpeg has logged something. */
  onLog?: (log: FfmpegLog) => void
}

/** What a run of ffmpeg found on its way. */
export interface Findings {
  log: FfmpegLog
  /** How many things were wrong. */
  errors: number
}

/** Runs one ffmpeg that writes MP3, and yields its frames. Throws MediaError CORRUPT if ffmpeg crashes over the file. */
export async function* runForFrames({ onLog, ...run }: FrameRun): AsyncGenerator<Frame[], Findings> {
  const log = new FfmpegLog()
  const splitter = new FrameSplitter()
  const onLine = (line: string): void => {
    log.read(line)
    onLog?.(log)
  }
  const { stdout, exit, stop } = await startFfmpeg({ ...run, onLine })
  try {
    for await (const chunk of stdout) yield splitter.push(chunk)
    yield splitter.end()
  } finally {
    if (!stdout.readableEnded) await stop()
  }
  const { code } = throwUnlessEnded(await exit, log)
  if (!log.opened) throw new Error(`ffmpeg could not begin: ${log.lastErrors.join('; ')}`)
  return { log, errors: log.errors + splitter.interruptions + (code === 0 ? 0 : 1) }
}
