import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Cores } from '../cores.ts'
import { headerFrame } from '../mp3/header.ts'
import { Tally } from '../mp3/tally.ts'
import { firstFrame, probe } from '../probe.ts'
import { ffmpeg, path, sourceOf, video, withInput } from '../testing.ts'
import { encodeByPcm } from './by-pcm.ts'
import { encodeBySeeking } from './by-seeking.ts'
import { pieceFrames } from './pcm-pieces.ts'
import type { Segment } from './segments.ts'
import { frameFormat, type FrameFormat, type Sound } from './sound.ts'

const seconds = 17
const mpeg4 = ['-c:v', 'mpeg4']
const gap = "aselect='not(between(t,5,6.3))'"
const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8']

const sounds = new Map<string, Promise<string>>()

/** A file of notes over noise, different in both channels, never twice the same; as loud at every time. */
function sound(sampleRate: number, layout: string): Promise<string> {
  const name = `${sampleRate}-${layout}.wav`
  const made = sounds.get(name) ?? makeSound(name, sampleRate, layout)
  sounds.set(name, made)
  return made
}

async function makeSound(name: string, sampleRate: number, layout: string): Promise<string> {
  const channel = (low: number, seed: number) =>
    `0.25*sin(2*PI*t*(${low}+9*t))+0.2*sin(2*PI*t*(${3 * low}-7*t))+0.06*(random(${seed})-0.5)`
  const channels = layout === 'mono' ? channel(200, 1) : `${channel(200, 1)}|${channel(330, 2)}`
  const made = `aevalsrc='${channels}':s=${sampleRate}:d=${seconds}`
  const input = layout === '5.1' ? `${made},pan=5.1|FL=c0|FR=c1|FC=c0|BL=0.5*c1|BR=0.5*c0` : made
  await video(name, ['-f', 'lavfi', '-i', input, '-c:a', 'pcm_s24le'])
  return path(name)
}

const pictures = ['-f', 'lavfi', '-i', `testsrc=size=96x64:rate=10:duration=${seconds},format=yuv420p`]

interface Case {
  name: string
  codecs: string[]
  sampleRate?: number
  layout?: string
  change?: (bytes: Buffer, name: string) => Promise<Buffer>
}

async function make({ name, codecs, sampleRate = 44100, layout = 'stereo', change }: Case): Promise<Buffer> {
  const made = await video(name, [
    '-i',
    await sound(sampleRate, layout),
    ...pictures,
    '-map',
    '1',
    '-map',
    '0',
    ...codecs,
  ])
  return change ? change(made, name) : made
}

/** The same streams as they are, in another file. */
const copied = async (name: string, before: string[], after: string[] = []): Promise<Buffer> =>
  video(`copied-${name}`, [...before, '-i', await path(name), '-map', '0', '-c', 'copy', ...after])

// In samples: LAME's own, and the least that it adds at the end.
const lameDelay = 576

/** What is told of a file's sound to whoever plays it, and the frames it was joined at. */
interface Joined {
  file: Buffer
  samples: number
  frames: number
  joins: number[]
  format: FrameFormat
}

/** Runs a way of encoding with two workers. Gives undefined if it ended in doubt. */
async function encode(bytes: Buffer, way: 'seeking' | 'pcm'): Promise<Joined | undefined> {
  return withInput(sourceOf(bytes), async (input) => {
    const { audioCodec } = await probe(input)
    const first = await firstFrame(input)
    const format = frameFormat(first)
    const length = 147
    const segments: Segment[] = [0, 1, 2, 3].map((index) => ({
      first: index * length,
      frames: index < 3 ? length : 2000,
      isLast: index === 3,
    }))
    const task: Sound = {
      input,
      audioCodec,
      first,
      options: { bitrate: format.sampleRate < 32000 ? 96 : 192 },
      cores: new Cores(2),
      signal: input.signal,
      onSeconds: () => {},
    }
    const run = way === 'pcm' ? encodeByPcm(task) : encodeBySeeking(task, segments)
    const tally = new Tally()
    const frames: Buffer[] = []
    for (;;) {
      const { value, done } = await run.next()
      if (!done) {
        for (const frame of value) {
          tally.add(frame)
          frames.push(frame.bytes)
        }
        continue
      }
      const { samples } = value
      if (samples === undefined) return undefined
      const padding = tally.samples - samples - lameDelay
      const header = headerFrame(tally, { encoder: 'LAME3.100', delay: lameDelay, padding })
      const joins =
        way === 'pcm'
          ? Array.from({ length: 9 }, (_, index) => (index + 1) * pieceFrames).filter(
              (at) => at < frames.length,
            )
          : segments.slice(1).map(({ first }) => first)
      return { file: Buffer.concat([header, ...frames]), samples, frames: frames.length, joins, format }
    }
  })
}

let decodedFiles = 0
async function decode(bytes: Buffer, { sampleRate, channels }: FrameFormat): Promise<Float32Array> {
  const pcm = await ffmpeg([
    ...['-i', await path(`quality-${decodedFiles++}`, bytes), '-map', '0:a:0'],
    ...['-ar', String(sampleRate), '-ac', String(channels), '-f', 'f32le', '-'],
  ])
  return new Float32Array(pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.length))
}

/** Signal to noise in dB, in each window of a frame's length. */
function windows(source: Float32Array, heard: Float32Array, length: number): number[] {
  const ratios: number[] = []
  for (let start = 0; start + length <= source.length; start += length) {
    let [signal, noise] = [1e-9, 1e-9]
    for (let at = start; at < start + length; at++) {
      signal += (source[at] ?? 0) ** 2
      noise += ((source[at] ?? 0) - (heard[at] ?? 0)) ** 2
    }
    ratios.push(10 * Math.log10(signal / noise))
  }
  return ratios
}

async function assertSeamless(bytes: Buffer, way: 'seeking' | 'pcm'): Promise<void> {
  const joined = await encode(bytes, way)
  assert.ok(joined, 'all segments could be proved to fit')
  const { joins, format } = joined
  assert.ok(joins.length >= 1, `${joins.length} joins`)
  const source = await decode(bytes, format)
  const heard = await decode(joined.file, format)
  assert.equal(joined.samples, source.length / format.channels)
  assert.equal(heard.length, source.length)
  const ratios = windows(source, heard, format.samplesPerFrame * format.channels)
  // A frame is heard in its own window and the next ones.
  const isAtJoin = (window: number): boolean => joins.some((join) => Math.abs(window - join) <= 2)
  const elsewhere = ratios.slice(2, -2).filter((_, window) => !isAtJoin(window + 2))
  // Of hundreds of windows the worst one is a matter of luck, by a little.
  const worst = Math.min(...elsewhere) - 0.5
  for (const [window, ratio] of ratios.entries())
    if (isAtJoin(window))
      assert.ok(ratio >= worst, `${ratio} dB in window ${window}; elsewhere from ${worst} dB`)
  // As a single run does it, which fills its last frame and leaves room for what a decoder is late by.
  const padding = joined.frames * format.samplesPerFrame - joined.samples - lameDelay
  assert.ok(padding >= lameDelay && padding < lameDelay + format.samplesPerFrame, `${padding} samples more`)
}

describe('segments found by seeking make one seamless MP3', { concurrency: 2 }, () => {
  const cases: Case[] = [
    { name: 'aac.mp4', codecs: [...mpeg4, '-c:a', 'aac'] },
    { name: 'no-made-up-noise.mp4', codecs: [...mpeg4, '-c:a', 'aac', '-aac_pns', '0'] },
    { name: 'aac-48k.mp4', codecs: [...mpeg4, '-c:a', 'aac'], sampleRate: 48000 },
    { name: 'mp3.mp4', codecs: [...mpeg4, '-c:a', 'libmp3lame'] },
    { name: 'ac3.mp4', codecs: [...mpeg4, '-c:a', 'ac3'] },
    { name: 'flac.mp4', codecs: [...mpeg4, '-c:a', 'flac'] },
    { name: 'fragmented.mp4', codecs: [...mpeg4, '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov'] },
    { name: 'pcm.mov', codecs: ['-c:v', 'mjpeg', '-c:a', 'pcm_s16be'] },
    { name: 'pcm.avi', codecs: [...mpeg4, '-c:a', 'pcm_s16le'] },
    { name: 'adpcm.avi', codecs: [...mpeg4, '-c:a', 'adpcm_ms'] },
    { name: 'mp3.avi', codecs: [...mpeg4, '-c:a', 'libmp3lame', '-b:a', '128k'] },
    { name: 'mp3-vbr.avi', codecs: [...mpeg4, '-c:a', 'libmp3lame', '-q:a', '3'] },
    { name: 'ac3.avi', codecs: [...mpeg4, '-c:a', 'ac3'] },
    { name: 'mono.mp4', codecs: [...mpeg4, '-c:a', 'aac'], layout: 'mono' },
    { name: '5.1.mp4', codecs: [...mpeg4, '-c:a', 'aac'], layout: '5.1', sampleRate: 48000 },
    { name: '22k.mp4', codecs: [...mpeg4, '-c:a', 'aac'], sampleRate: 22050 },
    { name: '24k-mono.avi', codecs: [...mpeg4, '-c:a', 'pcm_s16le'], sampleRate: 24000, layout: 'mono' },
    { name: '24k-mp3.avi', codecs: [...mpeg4, '-c:a', 'libmp3lame', '-q:a', '4'], sampleRate: 24000 },
    { name: 'long-gop.mp4', codecs: [...mpeg4, '-g', '9999', '-c:a', 'aac'] },
    { name: 'alac.mov', codecs: ['-c:v', 'mjpeg', '-c:a', 'alac'] },
    { name: 'mp2.avi', codecs: [...mpeg4, '-c:a', 'mp2'] },
    {
      name: 'negative.mp4',
      codecs: [...mpeg4, '-c:a', 'aac', '-output_ts_offset', '-0.7', '-avoid_negative_ts', 'disabled'],
    },
    { name: 'offset.mp4', codecs: [...mpeg4, '-c:a', 'aac', '-output_ts_offset', '10.3'] },
    {
      name: 'edit-list.mp4',
      codecs: [...mpeg4, '-g', '50', '-c:a', 'aac'],
      change: (_, name) => copied(name, ['-ss', '3.3']),
    },
    {
      name: 'he-aac.mp4',
      codecs: [...mpeg4, '-c:a', 'aac'],
      sampleRate: 22050,
      change: async (bytes) => asHeAac(bytes),
    },
    {
      name: 'late-sound.avi',
      codecs: [...mpeg4, '-c:a', 'libmp3lame'],
      change: (_, name) => copied(name, ['-itsoffset', '1.7']),
    },
  ]
  for (const each of cases) it(`of ${each.name}`, async () => assertSeamless(await make(each), 'seeking'))
})

describe('pieces of PCM make one seamless MP3', { concurrency: 2 }, () => {
  const cases: Case[] = [
    { name: 'opus.webm', codecs: [...vp8, '-c:a', 'libopus'], sampleRate: 48000 },
    { name: 'vorbis.webm', codecs: [...vp8, '-c:a', 'libvorbis'] },
    { name: 'ac3.mkv', codecs: [...mpeg4, '-c:a', 'ac3'] },
    { name: 'aac.mkv', codecs: [...mpeg4, '-c:a', 'aac'] },
    { name: 'mp3.mkv', codecs: [...mpeg4, '-c:a', 'libmp3lame'] },
    { name: 'flac.mkv', codecs: [...mpeg4, '-c:a', 'flac'] },
    { name: 'pcm-96k.mkv', codecs: [...mpeg4, '-c:a', 'pcm_s24le'], sampleRate: 96000 },
    { name: '5.1.mkv', codecs: [...mpeg4, '-c:a', 'ac3'], layout: '5.1', sampleRate: 48000 },
    { name: 'opus.mp4', codecs: [...mpeg4, '-c:a', 'libopus'], sampleRate: 48000 },
    { name: 'pcm.mkv', codecs: [...mpeg4, '-c:a', 'pcm_s16le'] },
    { name: 'mono-22k.mkv', codecs: [...mpeg4, '-c:a', 'libvorbis'], sampleRate: 22050, layout: 'mono' },
    {
      name: 'negative.mkv',
      codecs: [...mpeg4, '-c:a', 'ac3', '-output_ts_offset', '-0.7', '-avoid_negative_ts', 'disabled'],
    },
    { name: 'gap.mkv', codecs: [...mpeg4, '-af', gap, '-c:a', 'aac'] },
    { name: 'gap.mp4', codecs: [...mpeg4, '-af', gap, '-c:a', 'aac'] },
    { name: 'pcm.avi', codecs: [...mpeg4, '-c:a', 'pcm_s16le'] },
    { name: 'aac.mp4', codecs: [...mpeg4, '-c:a', 'aac'] },
  ]
  for (const each of cases) it(`of ${each.name}`, async () => assertSeamless(await make(each), 'pcm'))
})

/** AAC of 22.05 kHz, declared as HE-AAC without high frequencies: decoders make 44.1 kHz of it. */
function asHeAac(mp4: Buffer): Buffer {
  const bytes = Buffer.from(mp4)
  const plain = Buffer.from([0x13, 0x90, 0x56, 0xe5, 0x00])
  const at = bytes.indexOf(plain)
  assert.ok(at > 0, 'the file has the decoder configuration that was expected')
  // ISO 14496-3, 1.6.2.1: object type 5 (SBR), 22.05 kHz, two channels; extension at 44.1 kHz; object type 2 (LC).
  Buffer.from([0x2b, 0x92, 0x08, 0x00, 0x00]).copy(bytes, at)
  return bytes
}
