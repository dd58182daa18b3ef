import type { Cores } from '../cores.ts'
import type { Input } from '../input.ts'
import { mp3Channels, mp3SampleRate, samplesPerFrame, type EncodeOptions } from '../lame.ts'
import type { FirstFrame } from '../log.ts'

/** What several workers are to encode together. */
export interface Sound {
  input: Input
  /** ffmpeg's name. */
  audioCodec: string
  /** Of its first piece. */
  first: FirstFrame
  options: EncodeOptions
  cores: Cores
  /** Kills all workers. */
  signal: AbortSignal
  /** Called now and then with how many seconds of the sound are encoded. */
  onSeconds: (seconds: number) => void
}

/** What the frames are made of. */
export interface FrameFormat {
  /** Hz. */
  sampleRate: number
  channels: number
  samplesPerFrame: number
}

export function frameFormat({ sampleRate, channels }: FirstFrame): FrameFormat {
  const rate = mp3SampleRate(sampleRate)
  return { sampleRate: rate, channels: mp3Channels(channels), samplesPerFrame: samplesPerFrame(rate) }
}

/** Bytes of a frame's worth of 32-bit samples. */
export const pcmFrameBytes = ({ samplesPerFrame, channels }: FrameFormat): number =>
  samplesPerFrame * channels * Float32Array.BYTES_PER_ELEMENT
