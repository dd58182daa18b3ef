import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { Client } from '../client.ts'
import { decode, makeVideo, signalToNoise, type VideoRequest } from '../media.ts'
import { startServer, unavailable, surroundings, type TestServer } from '../server.ts'

interface Case extends VideoRequest {
  name: string
  options?: { bitrate?: number; quality?: number }
  copied?: boolean
  /** Decibels: how near the MP3 is to the source, at the least. */
  fidelity?: number
}

const x264 = ['libx264', '-preset', 'ultrafast']
const vp8 = ['libvpx', '-deadline', 'realtime', '-cpu-used', '8']

const cases: Case[] = [
  { name: 'MP4 with AAC', format: ['mp4'], audio: ['aac'], video: x264 },
  {
    name: 'MP4 with its index at the front',
    format: ['mp4', '-movflags', '+faststart'],
    audio: ['aac'],
    video: x264,
  },
  { name: 'MP4 with MP3, copied', format: ['mp4'], audio: ['libmp3lame'], copied: true },
  {
    name: 'MP4 with MP3 at 22.05 kHz, copied',
    format: ['mp4'],
    audio: ['libmp3lame'],
    sampleRate: 22050,
    copied: true,
  },
  { name: 'MP4 with MP3, at a bitrate', format: ['mp4'], audio: ['libmp3lame'], options: { bitrate: 128 } },
  { name: 'MOV with PCM', format: ['mov'], audio: ['pcm_s16le'] },
  { name: 'AVI with PCM', format: ['avi'], audio: ['pcm_s16le'] },
  { name: 'AVI with MP3, copied', format: ['avi'], audio: ['libmp3lame'], copied: true },
  {
    name: 'AVI with variable MP3, copied',
    format: ['avi'],
    audio: ['libmp3lame', '-q:a', '4'],
    copied: true,
  },
  { name: 'AVI with AC3', format: ['avi'], audio: ['ac3'], sampleRate: 48000 },
  { name: 'MKV with AAC', format: ['matroska'], audio: ['aac'], video: x264, sampleRate: 48000 },
  { name: 'MKV with FLAC', format: ['matroska'], audio: ['flac'], sampleRate: 48000 },
  { name: 'MKV with AC3 5.1', format: ['matroska'], audio: ['ac3'], sampleRate: 48000, channels: 6 },
  { name: 'WebM with Opus', format: ['webm'], audio: ['libopus'], video: vp8, sampleRate: 48000 },
  { name: 'WebM with Vorbis', format: ['webm'], audio: ['libvorbis'], video: vp8 },
  { name: 'mono', format: ['mp4'], audio: ['aac'], channels: 1 },
  { name: '22.05 kHz', format: ['avi'], audio: ['pcm_s16le'], sampleRate: 22050 },
  { name: 'silence', format: ['mp4'], audio: ['aac'], silent: true },
  {
    name: '8 seconds at variable quality',
    format: ['mp4'],
    audio: ['aac'],
    seconds: 8,
    options: { quality: 2 },
  },
  {
    name: '10 minutes',
    format: ['avi'],
    audio: ['pcm_s16le'],
    seconds: 600,
    channels: 1,
    options: { bitrate: 64 },
    fidelity: 5,
  },
]

// The limits of the cloud touch how a job goes on, not what its sound is.
const limited = new Set(['MP4 with AAC', 'AVI with PCM', '10 minutes'])

for (const [where, env] of surroundings) {
  const isFirst = env === surroundings[0]?.[1]

  describe(
    `A video becomes its MP3, ${where}`,
    { skip: unavailable, concurrency: 4, timeout: 120_000 },
    () => {
      let server: TestServer
      let client: Client
      before(async () => {
        server = await startServer({ env })
        client = new Client(server)
      })
      after(() => server.stop())

      for (const example of isFirst ? cases : cases.filter(({ name }) => limited.has(name))) {
        it(example.name, async () => {
          const { options = {}, copied = false, channels = 2, silent = false, fidelity = 15 } = example
          const bytes = await makeVideo(example)
          const { id } = await client.uploadEither({ filename: 'a video.bin', bytes, options })
          const job = await client.completed(id)
          assert.equal(job.attempt, 1)
          assert.deepEqual(job.warnings, [])
          assert.equal(job.target?.copied, copied)
          const heights = Buffer.from(job.target?.waveform ?? '', 'base64')
          assert.ok(heights.length > 0 && heights.length <= 400, `${heights.length} heights`)
          if (!silent) assert.equal(Math.max(...heights), 255)
          const listed = (await client.list()).find((each) => each.id === id)
          assert.equal(listed?.target?.waveform, undefined)

          const mp3 = await client.mp3(id)
          assert.equal(mp3.length, job.target?.size)
          const heardChannels = Math.min(channels, 2)
          const [source, heard] = await Promise.all([
            decode(bytes, heardChannels),
            decode(mp3, heardChannels),
          ])
          assert.equal(heard.length, source.length, 'the MP3 has exactly as many samples as the source')
          assert.equal(heard.length / heardChannels, job.target?.samples)
          if (silent) assert.ok(heard.every((sample) => Math.abs(sample) < 1e-4))
          else assert.ok(signalToNoise(source, heard) > fidelity, `${signalToNoise(source, heard)} dB`)
          if (copied) assert.deepEqual(heard, source, 'what is copied decodes to the same samples')
        })
      }
    },
  )
}
