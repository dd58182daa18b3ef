import { throwUnlessEnded } from './exit.ts'
import { startFfmpeg } from './ffmpeg.ts'
import type { Input } from './input.ts'
import { FfmpegLog, type FirstFrame } from './log.ts'
import { MediaError } from './media-error.ts'
import type { Container } from '../../../lib/sniff.ts'

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

/** What is in a video, and what only the transcoder needs to know of it. */
export interface Probed extends Media {
  /** How many samples at the start of MP3 sound the container tells players to leave out: an encoder's delay. */
  mp3Skip: number
}

/**
 * What is in the first audio track. Where the structure does not say it, as far as the first decodable piece of it is decoded:
 * then throws MediaError NO_AUDIO, UNSUPPORTED_AUDIO, CORRUPT or TRUNCATED.
 */
export async function probe(input: Input): Promise<Probed> {
  input.signal.throwIfAborted()
  return input.media ? { container: input.container, ...input.media, mp3Skip: 0 } : probeByDecoding(input)
}

/** `probe` without faith in the structure. */
export async function probeByDecoding(input: Input): Promise<Probed> {
  const log = await decodeFirstFrame(input)
  if (!log.opened) throw unreadable(input, 'Its beginning cannot be made sense of.', log)
  const { audioCodec, videoCodec, durationSeconds, firstFrame: first } = log
  if (audioCodec === undefined && videoCodec === undefined)
    throw unreadable(input, 'Neither sound nor pictures can be found in it.', log)
  if (audioCodec === undefined) throw new MediaError('NO_AUDIO', 'The video has no sound.')
  if (log.encrypted) throw new MediaError('UNSUPPORTED_AUDIO', 'The sound is encrypted (copy protection).')
  if (audioCodec === 'none' || !log.decodable)
    throw new MediaError(
      'UNSUPPORTED_AUDIO',
      `The sound is in a format that cannot be decoded${audioCodec === 'none' ? '' : `: ${audioCodec}`}.`,
    )
  if (!first) throw unreadable(input, 'No part of its sound can be decoded.', log)
  return {
    container: input.container,
    audioCodec,
    sampleRate: first.sampleRate,
    channels: first.channels,
    mp3Skip: audioCodec === 'mp3' ? await skipOf(input, first.pts) : 0,
    ...(durationSeconds !== undefined && { durationSeconds }),
    ...(videoCodec !== undefined && { videoCodec }),
  }
}

async function decodeFirstFrame(input: Input, inputOptions: string[] = []): Promise<FfmpegLog> {
  const log = new FfmpegLog()
  const { stdout, exit } = await startFfmpeg({
    input,
    signal: input.signal,
    inputOptions,
    outputOptions: ['-map', '0:a:0', '-frames:a', '1', '-af', 'ashowinfo', '-f', 'null'],
    onLine: (line) => log.read(line),
  })
  stdout.resume()
  throwUnlessEnded(await exit, log)
  return log
}

/** By how much the sound begins earlier when nothing is left out: a part of a frame, or several frames. */
async function skipOf(input: Input, pts: number): Promise<number> {
  const { firstFrame: first } = await decodeFirstFrame(input, ['-flags2', 'skip_manual'])
  return Math.max(0, pts - (first?.pts ?? pts))
}

/** Of the first decodable piece of the sound; `pts`, in samples, as the container has it. Throws if there is none. */
export async function firstFrame(input: Input): Promise<FirstFrame> {
  const { firstFrame: first, lastErrors } = await decodeFirstFrame(input, ['-copyts'])
  if (!first) throw new Error(`No part of the sound could be decoded: ${lastErrors.join('; ')}`)
  return first
}

function unreadable({ truncated }: Input, why: string, log: FfmpegLog): MediaError {
  const cause = new Error(`ffmpeg: ${log.lastErrors.join('; ')}`)
  return truncated
    ? new MediaError('TRUNCATED', `The file is not complete. ${why}`, { cause })
    : new MediaError('CORRUPT', `The file is damaged. ${why}`, { cause })
}
