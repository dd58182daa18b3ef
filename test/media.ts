import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findFfmpeg } from '../functions/transcode/media/index.ts'

const run = promisify(execFile)

/** The bytes of a file that is no video: its job fails at once. */
export const noVideo = Buffer.from('no video'.repeat(99))

/** Speech-like sound of so many seconds: a swept tone over noise, different in every channel. */
const sound = (seconds: number, sampleRate: number, channels: number): string =>
  `aevalsrc='${Array.from(
    { length: channels },
    (_, channel) => `0.3*sin(2*PI*(200+${channel}*70+40*t)*t)+0.05*random(${channel})`,
  ).join('|')}':s=${sampleRate}:d=${seconds}:c=${layouts[channels] ?? 'stereo'}`

const layouts: Record<number, string> = { 1: 'mono', 2: 'stereo', 6: '5.1' }

export interface VideoRequest {
  /** ffmpeg's name of the container, with its options. */
  format: string[]
  audio: string[]
  video?: string[]
  seconds?: number
  sampleRate?: number
  channels?: number
  silent?: boolean
  /** What ffmpeg's lavfi makes the sound of, in place of the usual. */
  source?: string
}

/** A small video, made by ffmpeg. */
export async function makeVideo({
  format,
  audio,
  video = ['mpeg4'],
  seconds = 2,
  sampleRate = 44100,
  channels = 2,
  silent = false,
  source = silent ? `anullsrc=r=${sampleRate}:cl=stereo:d=${seconds}` : sound(seconds, sampleRate, channels),
}: VideoRequest): Promise<Buffer<ArrayBuffer>> {
  return inFolder(async (folder) => {
    const file = join(folder, 'video')
    await ffmpeg([
      ...['-f', 'lavfi', '-i', source, '-f', 'lavfi', '-i', `testsrc=s=160x120:r=10:d=${seconds}`],
      ...['-map', '1:v', '-map', '0:a', '-c:v', ...video, '-c:a', ...audio, '-f', ...format, file],
    ])
    return readFile(file)
  })
}

/** The first audio track as ffmpeg decodes it: interleaved samples of so many channels, from -1 to 1. */
export async function decode(media: Uint8Array, channels: number): Promise<Float32Array> {
  return inFolder(async (folder) => {
    const [input, output] = [join(folder, 'in'), join(folder, 'out')]
    await writeFile(input, media)
    await ffmpeg(['-i', input, '-map', '0:a:0', '-ac', String(channels), '-f', 'f32le', output])
    const bytes = await readFile(output)
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  })
}

/** How much of `heard` is `source`, in dB (signal to noise), sample by sample: a shift by one sample is noise. */
export function signalToNoise(source: Float32Array, heard: Float32Array): number {
  let signal = 0
  let noise = 0
  for (let index = 0; index < source.length; index++) {
    const wanted = source[index] ?? 0
    signal += wanted ** 2
    noise += (wanted - (heard[index] ?? 0)) ** 2
  }
  return 10 * Math.log10(signal / noise)
}

async function ffmpeg(args: string[]): Promise<void> {
  const { path } = await findFfmpeg()
  await run(path, ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', ...args])
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tapedeck-media-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
