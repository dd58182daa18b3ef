import { throwUnlessEnded } from './exit.ts'
import { startFfmpeg } from './ffmpeg.ts'
import type { Input } from './input.ts'
import { FfmpegLog } from './log.ts'
import { MediaError } from './media-error.ts'
import type { Container } from './sniff.ts'

/** What is in a video. */
export interface Media {
  container: Container
  /** ffmpeg's name: `aac`, `mp3`, `pcm_s16le`. */
  audioCodec: string
  /** Hz. */
  sampleRate: number
  channels: number
  /** Of the whole file; absent if it does not say. */
  durationSeconds?: number
  /** ffmpeg's name; absent if there is no video. */
  videoCodec?: string
}

/**
 * Looks into the first audio track, as far as its first decodable piece. Throws MediaError NO_AUDIO, UNSUPPORTED_AUDIO,
 * CORRUPT or TRUNCATED.
 */
export async function probe(input: Input): Promise<Media> {
  const log = new FfmpegLog()
  const { stdout, exit } = await startFfmpeg({
    ...input,
    outputOptions: ['-map', '0:a:0', '-frames:a', '1', '-af', 'ashowinfo', '-f', 'null'],
    onLine: (line) => log.read(line),
  })
  stdout.resume()
  throwUnlessEnded(await exit, log)

  if (!log.opened) throw unreadable(input, 'Its beginning cannot be made sense of.', log)
  const { audioCodec, videoCodec, durationSeconds, firstFrame } = log
  if (audioCodec === undefined) throw new MediaError('NO_AUDIO', 'The video has no sound.')
  if (log.encrypted) throw new MediaError('UNSUPPORTED_AUDIO', 'The sound is encrypted (copy protection).')
  if (audioCodec === 'none' || !log.decodable)
    throw new MediaError(
      'UNSUPPORTED_AUDIO',
      `The sound is in a format that cannot be decoded${audioCodec === 'none' ? '' : `: ${audioCodec}`}.`,
    )
  if (!firstFrame) throw unreadable(input, 'No part of its sound can be decoded.', log)
  return {
    container: input.container,
    audioCodec,
    ...firstFrame,
    ...(durationSeconds !== undefined && { durationSeconds }),
    ...(videoCodec !== undefined && { videoCodec }),
  }
}

function unreadable({ truncated }: Input, why: string, log: FfmpegLog): MediaError {
  const cause = new Error(`ffmpeg: ${log.lastErrors.join('; ')}`)
  return truncated
    ? new MediaError('TRUNCATED', `The file is not complete. ${why}`, { cause })
    : new MediaError('CORRUPT', `The file is damaged. ${why}`, { cause })
}
