import { setMaxListeners } from 'node:events'
import { runForBytes } from '../output-run.ts'
import { joinable, mp3Output } from '../lame.ts'
import type { FfmpegLog } from '../log.ts'
import { splitFrames, type Frame } from '../mp3/frames.ts'
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
  log?: FfmpegLog
}

// The decoder starts so much earlier than the encoder, so as to be in full swing.
const decoderPreRollSeconds = 1

/**
 * Encodes each segment by a process of its own, which seeks to its beginning, and yields the frames in order. Whether two
 * processes found the same sound at the same place is checked at every join; ends at the first where that is in doubt, and
 * before a segment with anything wrong in it.
 */
export async function* encodeBySeeking(
  sound: Sound,
  segments: readonly Segment[],
): AsyncGenerator<Frame[], Reached> {
  const stop = new AbortController()
  const signal = AbortSignal.any([sound.signal, stop.signal])
  setMaxListeners(0, signal)
  const format = frameFormat(sound.first)
  const running = new Set<Promise<void>>()
  const positions = segments.map(() => 0)
  const tasks = segments.map((segment, index) => () => {
    const onSeconds = (seconds: number): void => {
      positions[index] = seconds
      sound.onSeconds(positions.reduce((sum, position) => sum + position))
    }
    const run = encodeSegment({ ...sound, signal, onSeconds }, segment, format)
    const ended = run.then(
      () => void running.delete(ended),
      () => void running.delete(ended),
    )
    running.add(ended)
    return run
  })
  const reached: Reached = { frames: 0 }
  let tail: Frame[] | undefined
  try {
    for await (const { segment, mp3, log, isSound } of inOrder(tasks, sound.cores)) {
      const { frames, interruptions } = splitFrames(Buffer.concat(mp3))
      const { from, length } = soundFor(segment)
      const isWhole = log.encodedSamples >= length * format.samplesPerFrame
      const made = takeApart(segment, frames, isWhole)
      if (!isSound || interruptions > 0) break
      if (tail && !(await areTheSame(tail, made.head, { ...sound, signal }))) break
      tail = made.tail
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
    await Promise.all(running)
  }
}

interface Encoded {
  segment: Segment
  /** As it came: thousands of frames that wait for their turn would keep the garbage collector busy. */
  mp3: Buffer[]
  log: FfmpegLog
  /** Whether nothing was wrong with it, and it had one sample rate and one layout throughout. */
  isSound: boolean
}

async function encodeSegment(sound: Sound, segment: Segment, format: FrameFormat): Promise<Encoded> {
  const { input, first, signal, options } = sound
  const { sampleRate, channels, samplesPerFrame } = format
  const { from, length } = soundFor(segment)
  const begin = first.pts + from * samplesPerFrame
  const filters = [
    ...(from === 0 ? [] : [`atrim=start_pts=${begin}`]),
    'asetpts=N',
    `atrim=end_sample=${length * samplesPerFrame}`,
  ]
  const log: { now?: FfmpegLog } = {}
  const run = runForBytes({
    input,
    signal,
    inputOptions: from === 0 ? [] : seekTo(begin / sampleRate - decoderPreRollSeconds),
    outputOptions: [
      ...['-af', filters.join(), '-ar', String(sampleRate), '-ac', String(channels)],
      ...mp3Output(joinable(options)),
    ],
    onLog: (lines) => {
      log.now = lines
      sound.onSeconds(lines.positionSeconds)
    },
  })
  const mp3: Buffer[] = []
  for (;;) {
    const { value, done } = await run.next()
    const isOneSound = log.now?.formats.length === 1 && log.now.formats[0]?.sampleRate === first.sampleRate
    if (done) return { segment, mp3, log: value.log, isSound: isOneSound && value.errors === 0 }
    mp3.push(value)
    if (log.now && log.now.formats.length > 1) {
      // The filters count from the beginning again: they would never come to their end.
      await run.return({ log: log.now, errors: 0 })
      return { segment, mp3, log: log.now, isSound: false }
    }
  }
}

/**
 * Timestamps as the file has them; and to the last packet before that time, from where the filter cuts by samples. Pictures need not
 * be decodable there: some files have none but the first from which to begin.
 */
const seekTo = (seconds: number): string[] => [
  ...['-copyts', '-seek_timestamp', '1', '-noaccurate_seek', '-seek2any', '1'],
  ...['-ss', seconds.toFixed(6)],
]

/** Whether two workers made the same of the same frames: bit for bit, or at least so that it sounds the same. */
async function areTheSame(
  tail: readonly Frame[],
  head: readonly Frame[],
  { first, input, signal }: Sound,
): Promise<boolean> {
  const [one, other] = [tail.map(({ bytes }) => bytes), head.map(({ bytes }) => bytes)]
  const limits = { signal, bounds: input.bounds }
  return areAtOnePlace(one, other) || (await soundAlike(one, other, frameFormat(first), limits))
}
