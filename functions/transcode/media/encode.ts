import { assertSoundWithin } from './bounds.ts'
import { sharedCores, type Cores } from './cores.ts'
import { assess, type Warning } from './damage.ts'
import { deliver, type Store } from './deliver.ts'
import { encodeShared, isWorthSharing } from './fan-out/index.ts'
import { runForFrames, type Findings } from './output-run.ts'
import type { Input } from './input.ts'
import { encoding, mp3Output, type EncodeOptions } from './lame.ts'
import type { FfmpegLog } from './log.ts'
import { mapped } from './mapped.ts'
import { isTableFrame, type Frame } from './mp3/frames.ts'
import { headerFrame, type Gapless } from './mp3/header.ts'
import { id3Tag } from './mp3/id3.ts'
import { Tally } from './mp3/tally.ts'
import { firstFrame, type Probed } from './probe.ts'

export interface EncodeRequest {
  options: EncodeOptions
  /** The uploaded file's name: it becomes the title. */
  filename: string
  /** Called now and then with how much is done, 0–1; not at all if the video does not say how long it is. */
  onProgress?: (fraction: number) => void
  /** Those of this process by default. */
  cores?: Cores
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
  /** How loud it is along its time: a byte for each of up to 400 stretches, as base64. */
  waveform: string
  warnings: Warning[]
}

// LAME's delay in samples, which its tag gives without the 529 that every decoder adds.
const lameDelay = 576
const decoderDelay = 529
// As much as its twelve bits hold. Where more of copied sound is to be left out, whole frames are.
const mostDelay = 0xfff

const waveformBars = 400

/**
 * Makes an MP3 of the first audio track: its frames go to `store`, the header that belongs before them is in the result.
 * Throws MediaError TRUNCATED or CORRUPT if less than nine tenths of the sound is there (then `store`'s body throws, too);
 * other errors are the source's, `store`'s, or the reason of the input's signal.
 */
export async function encodeMp3(
  input: Input,
  media: Probed,
  request: EncodeRequest,
  store: Store,
): Promise<Mp3> {
  const { options, filename } = request
  let made: Made = { tally: new Tally(), samples: 0, skip: undefined }
  let warnings: Warning[] = []

  async function* frames(signal: AbortSignal): AsyncGenerator<Buffer> {
    const work = { input, media, request, signal }
    const isCopy =
      media.audioCodec === 'mp3' && options.bitrate === undefined && options.quality === undefined
    let findings = yield* isCopy ? copy(work, made) : encode(work, made)
    if (isCopy && made.tally.frames === 0) {
      // MP4 has one name for all layers of MPEG audio: it was not layer III.
      made = { tally: new Tally(), samples: 0, skip: undefined }
      findings = yield* encode(work, made)
    }
    warnings = assess({
      decodedSeconds: made.samples / (made.tally.first?.header.sampleRate ?? media.sampleRate),
      promisedSeconds: promisedSeconds(input, findings.log),
      firmPromise: input.container === 'avi' && input.audioSeconds !== undefined,
      truncated: input.truncated,
      errors: findings.errors,
    })
  }
  if (!(await deliver(frames, store, input.signal))) throw new Error('The MP3 was not stored to its end')
  return { ...describe(made, options, filename), warnings }
}

/** The frames that were made, and what belongs in the header before them. */
interface Made {
  tally: Tally
  /** Per channel, what they decode to. */
  samples: number
  /** Samples at the start of copied frames that players shall leave out; undefined if the frames were encoded. */
  skip: number | undefined
}

interface Work {
  input: Input
  media: Probed
  request: EncodeRequest
  signal: AbortSignal
}

async function* copy({ input, media, request, signal }: Work, made: Made): AsyncGenerator<Buffer, Findings> {
  const onLog = (log: FfmpegLog): void => tell(request, log.positionSeconds, promisedSeconds(input, log))
  const run = runForFrames({ input, signal, outputOptions: mp3Output(['-c:a', 'copy']), onLog })
  let skip = media.mp3Skip
  const isHeard = ({ header: { samples } }: Frame): boolean => {
    if (skip - decoderDelay <= mostDelay) return true
    skip -= samples
    return false
  }
  const findings = yield* counted(run, input, made.tally, (frame) => !isTableFrame(frame) && isHeard(frame))
  // A skip of less than a decoder's own delay cannot be told to players.
  made.skip = skip < decoderDelay || skip >= made.tally.samples ? 0 : skip
  made.samples = made.tally.samples - made.skip
  return findings
}

async function* encode(work: Work, made: Made): AsyncGenerator<Buffer, Findings> {
  const { input, media, request, signal } = work
  const { options, cores = sharedCores } = request
  const seconds = input.audioSeconds ?? media.durationSeconds
  if (isWorthSharing(seconds, cores.count)) {
    let furthest = 0
    const onSeconds = (position: number): void => {
      // What turned out not to fit is encoded again.
      if (position <= furthest) return
      furthest = position
      tell(request, position, seconds)
    }
    const { audioCodec } = media
    const sound = { input, audioCodec, first: await firstFrame(input), options, cores, signal, onSeconds }
    const encoded = yield* counted(encodeShared(sound, seconds), input, made.tally)
    made.samples = encoded.samples
    return encoded
  }
  const release = cores.take()
  try {
    const onLog = (log: FfmpegLog): void => tell(request, log.positionSeconds, promisedSeconds(input, log))
    const run = runForFrames({ input, signal, outputOptions: mp3Output(encoding(options)), onLog })
    const findings = yield* counted(run, input, made.tally)
    made.samples = findings.log.encodedSamples
    return findings
  } finally {
    release()
  }
}

function tell({ onProgress }: EncodeRequest, seconds: number, total: number | undefined): void {
  if (total && seconds > 0) onProgress?.(Math.min(1, seconds / total))
}

/** The frames' bytes, on their way past the tally. Throws MediaError TOO_LONG once there are more than there can be. */
const counted = <Result>(
  run: AsyncGenerator<Frame[], Result>,
  { bounds, size }: Input,
  tally: Tally,
  isSound: (frame: Frame) => boolean = () => true,
): AsyncGenerator<Buffer, Result> =>
  mapped(run, (frames) => {
    const sound = frames.filter(isSound)
    for (const frame of sound) tally.add(frame)
    if (tally.first) assertSoundWithin(bounds, size, tally.samples / tally.first.header.sampleRate)
    return Buffer.concat(sound.map(({ bytes }) => bytes))
  })

function describe(made: Made, options: EncodeOptions, filename: string): Omit<Mp3, 'warnings'> {
  const { tally, samples, skip } = made
  if (!tally.first) throw new Error('The MP3 has no frames')
  const { sampleRate } = tally.first.header
  const durationSeconds = samples / sampleRate
  const title = filename.replace(/(?<=.)\.[^.]*$/, '')
  return {
    header: Buffer.concat([
      id3Tag({ title, sourceName: filename, durationSeconds }),
      headerFrame(tally, skip === undefined ? gapless(tally, samples, options) : asItWas(skip)),
    ]),
    samples,
    durationSeconds,
    bitrate: Math.round((tally.bytes * 8 * sampleRate) / tally.samples / 1000),
    copied: skip !== undefined,
    waveform: Buffer.from(tally.waveform(waveformBars)).toString('base64'),
  }
}

const promisedSeconds = (input: Input, log: FfmpegLog): number | undefined =>
  input.audioSeconds ?? log.audioSeconds ?? log.durationSeconds

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
