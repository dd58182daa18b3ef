import { assess, type Warning } from './damage.ts'
import { deliver, type Store } from './deliver.ts'
import { throwUnlessEnded } from './exit.ts'
import { startFfmpeg } from './ffmpeg.ts'
import type { Input } from './input.ts'
import { FfmpegLog } from './log.ts'
import { FrameSplitter, isTableFrame, type Frame } from './mp3/frames.ts'
import { headerFrame, type Gapless } from './mp3/header.ts'
import { id3Tag } from './mp3/id3.ts'
import { Tally } from './mp3/tally.ts'
import type { Probed } from './probe.ts'

/** `bitrate`: constant, 64–320 kbit/s. `quality`: variable, 0 (best) to 9. Neither: MP3 is copied, else 192 kbit/s. */
export interface EncodeOptions {
  bitrate?: number | undefined
  quality?: number | undefined
}

export interface EncodeRequest {
  options: EncodeOptions
  /** The uploaded file's name: it becomes the title. */
  filename: string
  /** Called now and then with how much is done, 0–1; not at all if the video does not say how long it is. */
  onProgress?: (fraction: number) => void
}

export interface Mp3 {
  /** What belongs before the frames: ID3 tag and Xing frame. */
  header: Buffer
  /** Samples per channel that header and frames decode to. */
  samples: number
  durationSeconds: number
  /** kbit/s, on average. */
  bitrate: number
  /** Whether the frames are the video's own. */
  copied: boolean
  warnings: Warning[]
}

const defaultBitrate = 192
// LAME's delay in samples, which its tag gives without the 529 that every decoder adds.
const lameDelay = 576
const decoderDelay = 529

/**
 * Makes an MP3 of the first audio track: its frames go to `store`, the header that belongs before them is in the result.
 * Throws MediaError TRUNCATED or CORRUPT if less than nine tenths of the sound is there (then `store`'s body throws, too);
 * other errors are the source's, `store`'s, or the reason of the input's signal.
 */
export async function encodeMp3(
  input: Input,
  media: Probed,
  { options, filename, onProgress }: EncodeRequest,
  store: Store,
): Promise<Mp3> {
  const isCopy = media.audioCodec === 'mp3' && options.bitrate === undefined && options.quality === undefined
  let pass = newPass(isCopy, isCopy ? media.mp3Skip : 0)
  let warnings: Warning[] = []

  async function* frames(signal: AbortSignal): AsyncGenerator<Buffer> {
    yield* run(input, pass, options, onProgress, signal)
    if (pass.copied && pass.tally.frames === 0) {
      // MP4 has one name for all layers of MPEG audio: it was not layer III.
      pass = newPass(false, 0)
      yield* run(input, pass, options, onProgress, signal)
    }
    warnings = assess({
      decodedSeconds: samplesOf(pass) / (pass.tally.first?.header.sampleRate ?? media.sampleRate),
      promisedSeconds: promisedSeconds(input, pass.log),
      firmPromise: input.container === 'avi' && input.audioSeconds !== undefined,
      truncated: input.truncated,
      errors: pass.errors,
    })
  }
  if (!(await deliver(frames, store, input.signal))) throw new Error('The MP3 was not stored to its end')
  return { ...describe(pass, options, filename), warnings }
}

/** One run of ffmpeg over the sound, and what came of it. */
interface Pass {
  copied: boolean
  /** Samples at the start of copied frames that players shall leave out. */
  skip: number
  log: FfmpegLog
  tally: Tally
  errors: number
}

/** A skip of less than a decoder's own delay cannot be told to players. */
const newPass = (copied: boolean, skip: number): Pass => ({
  copied,
  skip: skip < decoderDelay ? 0 : skip,
  log: new FfmpegLog(),
  tally: new Tally(),
  errors: 0,
})

async function* run(
  input: Input,
  pass: Pass,
  options: EncodeOptions,
  onProgress: EncodeRequest['onProgress'],
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { copied, log, tally } = pass
  const splitter = new FrameSplitter()
  const counted = (found: Frame[]): Buffer[] => {
    const sound = copied ? found.filter((frame) => !isTableFrame(frame)) : found
    for (const frame of sound) tally.add(frame)
    return sound.length === 0 ? [] : [Buffer.concat(sound.map(({ bytes }) => bytes))]
  }
  const { stdout, exit, stop } = await startFfmpeg({
    ...input,
    signal,
    outputOptions: [...codecOptions(copied, options), ...outputOptions],
    onLine: (line) => {
      log.read(line)
      const total = promisedSeconds(input, log)
      if (total && log.positionSeconds) onProgress?.(Math.min(1, log.positionSeconds / total))
    },
  })
  try {
    for await (const chunk of stdout) yield* counted(splitter.push(chunk))
    yield* counted(splitter.end())
  } finally {
    if (!stdout.readableEnded) await stop()
  }
  const { code } = throwUnlessEnded(await exit, log)
  if (!log.opened) throw new Error(`ffmpeg could not begin: ${log.lastErrors.join('; ')}`)
  pass.errors = log.errors + splitter.interruptions + (code === 0 ? 0 : 1)
}

function describe(pass: Pass, options: EncodeOptions, filename: string): Omit<Mp3, 'warnings'> {
  const { copied, tally } = pass
  if (!tally.first) throw new Error('The MP3 has no frames')
  const { sampleRate } = tally.first.header
  const samples = samplesOf(pass)
  const durationSeconds = samples / sampleRate
  const title = filename.replace(/(?<=.)\.[^.]*$/, '')
  return {
    header: Buffer.concat([
      id3Tag({ title, sourceName: filename, durationSeconds }),
      headerFrame(tally, copied ? asItWas(pass.skip) : gapless(tally, samples, options)),
    ]),
    samples,
    durationSeconds,
    bitrate: Math.round((tally.bytes * 8 * sampleRate) / tally.samples / 1000),
    copied,
  }
}

const outputOptions = [
  '-map',
  '0:a:0',
  '-map_metadata',
  '-1',
  '-write_xing',
  '0',
  '-id3v2_version',
  '0',
  '-f',
  'mp3',
]

function codecOptions(copied: boolean, { bitrate, quality }: EncodeOptions): string[] {
  if (copied) return ['-c:a', 'copy']
  const rate = quality === undefined ? ['-b:a', `${bitrate ?? defaultBitrate}k`] : ['-q:a', String(quality)]
  return ['-c:a', 'libmp3lame', ...rate]
}

const promisedSeconds = (input: Input, log: FfmpegLog): number | undefined =>
  input.audioSeconds ?? log.audioSeconds ?? log.durationSeconds

const samplesOf = ({ copied, skip, tally, log }: Pass): number =>
  copied ? tally.samples - skip : log.encodedSamples

/**
 * Copied frames decode to what they decoded to in the video. Where nothing is cut off there, they go by a name that no player
 * takes for an encoder's, so that none cuts its own delay off either.
 */
const asItWas = (skip: number): Gapless =>
  skip === 0
    ? { encoder: 'Tapedeck', delay: 0, padding: 0 }
    : { encoder: 'LAME3.100', delay: skip - decoderDelay, padding: 0 }

function gapless(tally: Tally, samples: number, { quality }: EncodeOptions): Gapless {
  const padding = tally.samples - samples - lameDelay
  if (padding < 0 || padding > 4095)
    throw new Error(
      `${tally.frames} frames of ${tally.samples} samples cannot hold ${samples} samples of sound`,
    )
  return { encoder: 'LAME3.100', delay: lameDelay, padding, ...(quality !== undefined && { quality }) }
}
