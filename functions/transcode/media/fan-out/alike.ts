import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { Bounds } from '../bounds.ts'
import { startFfmpeg } from '../ffmpeg.ts'
import type { FrameFormat } from './sound.ts'

// Below this level, which is that of a 16-bit recording's last bit, there is nothing to compare.
const silence = 1 / 32768
const leastCorrelation = 0.3
// A tone repeats: then it would fit nearly as well elsewhere, and nothing is proved.
const mostElsewhere = 0.98

/** What may be taken for it: they are a few frames of one video, and it has its bounds. */
interface Limits {
  signal: AbortSignal
  bounds: Pick<Bounds, 'cpuSeconds' | 'logLines'>
}

/**
 * Whether the same frames of two encoders, which are not equal bit for bit, hold the same sound at the same place. (Decoders
 * make up noise, in AC-3 and AAC, and never the same one twice.) In silence, and in a tone that repeats: no.
 */
export async function soundAlike(
  frames: readonly Buffer[],
  others: readonly Buffer[],
  { sampleRate, samplesPerFrame }: FrameFormat,
  limits: Limits,
): Promise<boolean> {
  if (frames.length === 0 || frames.length !== others.length) return false
  const one = await decode(frames, sampleRate, limits)
  const other = await decode(others, sampleRate, limits)
  return isAligned(one, other, samplesPerFrame)
}

/**
 * Whether `one` and `other`, of equal length, correlate where they are better than if they were shifted against each other, by up
 * to `reach` samples.
 */
export function isAligned(one: Float32Array, other: Float32Array, reach: number): boolean {
  const [steps, otherSteps] = [differences(one), differences(other)]
  const begin = 2 * reach
  const end = Math.min(steps.length, otherSteps.length) - reach
  if (end - begin < reach) return false
  const powerOf = (of: Float32Array, lag: number): number => correlate(of, of, begin + lag, end + lag, 0)
  const power = powerOf(steps, 0)
  if (power < (end - begin) * silence ** 2) return false
  const at = (lag: number): number =>
    correlate(steps, otherSteps, begin, end, lag) / Math.sqrt(power * powerOf(otherSteps, lag) || 1)
  const here = at(0)
  if (here < leastCorrelation) return false
  const lags = Array.from({ length: 2 * reach + 1 }, (_, index) => at(index - reach))
  return lags.every((there, index) => {
    const isPeak = there > (lags[index - 1] ?? there) && there > (lags[index + 1] ?? there)
    return index === reach || (there < here && !(isPeak && there > mostElsewhere * here))
  })
}

/** From sample to sample: without them low notes, which look the same a sample later, would outweigh the rest. */
const differences = (samples: Float32Array): Float32Array =>
  samples.map((sample, at) => sample - (samples[at - 1] ?? 0))

function correlate(one: Float32Array, other: Float32Array, begin: number, end: number, lag: number): number {
  let sum = 0
  for (let at = begin; at < end; at++) sum += (one[at] ?? 0) * (other[at + lag] ?? 0)
  return sum
}

/** Frames as the samples of one channel. */
async function decode(
  frames: readonly Buffer[],
  sampleRate: number,
  { signal, bounds }: Limits,
): Promise<Float32Array> {
  const { stdout, exit } = await startFfmpeg({
    input: { stdin: Readable.from([Buffer.concat(frames)]), demuxer: 'mp3', bounds },
    signal,
    outputOptions: ['-ac', '1', '-ar', String(sampleRate), '-f', 'f32le'],
    onLine: () => {},
  })
  const bytes = await buffer(stdout)
  await exit
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)))
}
