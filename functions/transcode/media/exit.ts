import type { Exit } from './ffmpeg.ts'
import type { FfmpegLog } from './log.ts'
import { MediaError } from './media-error.ts'

// ffmpeg's own way to end at the fourth signal, where it did not come to look at the first. Whoever stops it for other reasons kills it.
const stoppedHard = 123

/**
 * The exit itself. Throws if ffmpeg did not come to an end of its own: an ordinary error if it was made to stop or could not start, MediaError
 * CORRUPT if it crashed over the file, TOO_LONG if it has used its CPU time up. An exit code other than 0 is no reason: a lot may have been done before it.
 */
export function throwUnlessEnded(exit: Exit, log: FfmpegLog): Exit {
  const { code, signal } = exit
  if (log.outOfTime || signal === 'SIGXCPU' || code === stoppedHard)
    throw new MediaError('TOO_LONG', 'The video takes more computing time than a file of its size may.')
  if (signal === 'SIGKILL') throw new Error('ffmpeg was killed: out of memory, or for other reasons')
  if (log.interrupted || signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP')
    throw new Error('ffmpeg was told to stop by someone else')
  if (signal)
    throw new MediaError('CORRUPT', `The file is damaged in a way that no decoder survives (${signal}).`)
  if (code === 126 || code === 127)
    throw new Error(`ffmpeg could not be started: ${log.lastErrors.join('; ')}`)
  return exit
}
