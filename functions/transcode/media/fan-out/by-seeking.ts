import { setMaxListeners } from 'node:events'
import { runForFrames, type Findings } from '../frame-run.ts'
import { joinable, mp3Output } from '../lame.ts'
import type { FfmpegLog } from '../log.ts'
import type { Frame } from '../mp3/frames.ts'
import { firstTimestamp } from '../probe.ts'
import { soundAlike } from './alike.ts'
import { inOrder } from './in-order.ts'
import { areAtOnePlace } from './join.ts'
import { soundFor, takeApart, type Segment } from './segments.ts'
import { frameFormat, type FrameFormat, type Sound } from './sound.ts'

/** How far the segments could be joined. */
export interface Reached {
  /** How many frames were yielded. */
  frames: number
  /** Samples per channel of the whole sound; undefined if the joining ended before that, in doubt. */
  samples?: number
  errors: number
  log?: FfmpegLog
}

// The decoder starts so much earlier than the encoder, so as to be in full swing.
const decoderPreRollSeconds = 1

/**
 * Encodes each segment by a process of its own, which seeks to its beginning, and yields the frames in order. Whether two
 * processes found the same sound at the same place is checked at every join; ends at the first where that is in doubt.
 */
export async function* encodeBySeeking(
  sound: Sound,
  segments: readonly Segment[],
): AsyncGenerator<Frame[], Reached> {
  const stop = new AbortController()
  const signal = AbortSignal.any([sound.signal, stop.signal])
  setMaxListeners(0, signal)
  const format = frameFormat(sound.media)
  const start = await firstTimestamp(sound.input)
  const running: Promise<unknown>[] = []
  const positions = segments.map(() => 0)
  const tasks = segments.map((segment, index) => () => {
    const onSeconds = (seconds: number): void => {
      positions[index] = seconds
      sound.onSeconds(positions.reduce((sum, position) => sum + position))
    }
    const run = encodeSegment({ ...sound, signal, onSeconds }, segment, format, start)
    running.push(run)
    return run
  })
  const reached: Reached = { frames: 0, errors: 0 }
  let tail: Frame[] | undefined
  try {
    for await (const { segment, frames, log, errors } of inOrder(tasks, sound.cores)) {
      const { from, length } = soundFor(segment)
      const isWhole = log.encodedSamples >= length * format.samplesPerFrame
      const made = takeApart(segment, frames, isWhole)
      if (tail && !(await areTheSame(tail, made.head, format, signal))) break
      tail = made.tail
      reached.errors += errors
      reached.log = log
      reached.frames += made.own.length
      yield made.own
      if (!isWhole) {
        // Of the last segment that is expected. Of another one, it remains to be seen how the sound goes on.
        if (segment.isLast) reached.samples = from * format.samplesPerFrame + log.encodedSamples
        break
      }
    }
    return reached
  } finally {
    stop.abort(new Error('The segment is not needed any more'))
    await Promise.allSettled(running)
  }
}

interface Encoded extends Findings {
  segment: Segment
  frames: Frame[]
}

/** `start`: the timestamp, in samples, at which the sound begins. */
async function encodeSegment(
  sound: Sound,
  segment: Segment,
  format: FrameFormat,
  start: number,
): Promise<Encoded> {
  const { input, signal, options } = sound
  const { sampleRate, channels, samplesPerFrame } = format
  const { from, length } = soundFor(segment)
  const begin = start + from * samplesPerFrame
  const seekSeconds = begin / sampleRate - decoderPreRollSeconds
  const filters = [
    ...(from === 0 ? [] : [`atrim=start_pts=${begin}`]),
    'asetpts=N',
    `atrim=end_sample=${length * samplesPerFrame}`,
  ]
  const run = runForFrames({
    input,
    signal,
    // Timestamps as the file has them; and to the last key frame before that time, from where the filter cuts by samples.
    inputOptions:
      from === 0
        ? []
        : ['-copyts', '-seek_timestamp', '1', '-noaccurate_seek', '-ss', seekSeconds.toFixed(6)],
    outputOptions: [
      ...['-af', filters.join(), '-ar', String(sampleRate), '-ac', String(channels)],
      ...mp3Output(joinable(options)),
    ],
    onLog: (log) => sound.onSeconds(log.positionSeconds),
  })
  const frames: Frame[] = []
  for (;;) {
    const { value, done } = await run.next()
    if (done) return { ...value, segment, frames }
    frames.push(...value)
  }
}

/** Whether two workers made the same of the same frames: bit for bit, or at least so that it sounds the same. */
async function areTheSame(
  tail: readonly Frame[],
  head: readonly Frame[],
  format: FrameFormat,
  signal: AbortSignal,
): Promise<boolean> {
  const [one, other] = [tail.map(({ bytes }) => bytes), head.map(({ bytes }) => bytes)]
  return areAtOnePlace(one, other) || (await soundAlike(one, other, format, signal))
}
