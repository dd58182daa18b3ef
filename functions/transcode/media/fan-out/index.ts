import type { Findings } from '../output-run.ts'
import { mp3SampleRate } from '../lame.ts'
import type { Frame } from '../mp3/frames.ts'
import { Repacker } from '../mp3/repack.ts'
import { mapped } from '../mapped.ts'
import { encodeByPcm } from './by-pcm.ts'
import { encodeBySeeking } from './by-seeking.ts'
import { planSegments } from './segments.ts'
import { frameFormat, type Sound } from './sound.ts'

export type { Sound } from './sound.ts'

/** What all frames together decode to, per channel. */
export interface Encoded extends Findings {
  samples: number
}

// Less is done before a second process is under way.
const shortestSeconds = 60

/** Whether several workers would be faster than one. `seconds`: the length of the sound; undefined if nobody knows. */
export const isWorthSharing = (seconds: number | undefined, cores: number): boolean =>
  cores > 1 && (seconds === undefined || seconds >= shortestSeconds)

/**
 * Encodes a sound by several processes, as many as cores are free, and yields the frames in order: by seeking where timestamps are
 * exact and as far as the segments can be proved to fit, else by splitting what one decoder makes of it.
 */
export function encodeShared(sound: Sound, seconds: number | undefined): AsyncGenerator<Frame[], Encoded> {
  const encoded = encodeJoinable(sound, seconds)
  // At constant bitrate the bytes that a reservoir would save are there, used or not.
  return sound.options.quality === undefined ? encoded : repacked(encoded)
}

async function* encodeJoinable(sound: Sound, seconds: number | undefined): AsyncGenerator<Frame[], Encoded> {
  const segments = seconds === undefined || !canSeek(sound) ? [] : planFor(sound, seconds)
  if (segments.length === 0) return yield* encodeByPcm(sound)
  const { samples, log, frames } = yield* encodeBySeeking(sound, segments)
  return samples === undefined || !log ? yield* encodeByPcm(sound, frames) : { samples, log, errors: 0 }
}

async function* repacked(frames: AsyncGenerator<Frame[], Encoded>): AsyncGenerator<Frame[], Encoded> {
  const repacker = new Repacker()
  const result = yield* mapped(frames, (some) => some.flatMap((frame) => repacker.push(frame)))
  yield repacker.end()
  return result
}

function planFor(sound: Sound, seconds: number): ReturnType<typeof planSegments> {
  const { sampleRate, samplesPerFrame } = frameFormat(sound.first)
  const frameSeconds = samplesPerFrame / sampleRate
  return planSegments(Math.floor(seconds / frameSeconds), frameSeconds, sound.cores.count)
}

// Matroska rounds times to milliseconds, which are dozens of samples.
const exactContainers = new Set(['mp4', 'mov', 'avi'])
// Those that need no more than the second before to decode as if they had decoded all of it.
const soonDecoded = /^(pcm_.*|aac|mp[123]|ac3|eac3|flac|alac|adpcm_.*)$/

/** A resampler would begin each segment in another phase. */
const canSeek = ({ input, audioCodec, first }: Sound): boolean =>
  exactContainers.has(input.container) &&
  // An AVI that is cut off has lost its index, which is its end.
  !input.truncated &&
  soonDecoded.test(audioCodec) &&
  mp3SampleRate(first.sampleRate) === first.sampleRate
