import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MediaError } from './media-error.ts'
import { convert, pictures, tone, video } from './testing.ts'

const seconds = 8
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast']
const mpeg4 = ['-c:v', 'mpeg4']
const videos = {
  'faststart.mp4': [...h264, '-c:a', 'aac', '-movflags', '+faststart'],
  'at-end.mp4': [...h264, '-c:a', 'aac'],
  'pcm.avi': [...mpeg4, '-c:a', 'pcm_s16le'],
  'mp3.avi': [...mpeg4, '-c:a', 'libmp3lame'],
  'aac.mkv': [...h264, '-c:a', 'aac'],
  'opus.webm': ['-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'],
} as const
type Name = keyof typeof videos

const made = new Map<Name, Promise<Buffer>>()
const bytesOf = (name: Name): Promise<Buffer> => {
  const bytes = made.get(name) ?? video(name, [...tone(seconds), ...pictures(seconds), ...videos[name]])
  made.set(name, bytes)
  return bytes
}

/** What becomes of these bytes: the codes of the error or of the warnings. */
async function verdict(bytes: Buffer): Promise<string> {
  try {
    const mp3 = await convert(bytes)
    assert.ok(mp3.samples > 0)
    return ['MP3', ...mp3.warnings.map(({ code }) => code)].join(' with ')
  } catch (error) {
    assert.ok(error instanceof MediaError, String(error))
    return error.code
  }
}

/** A part of the file, in percent of its length, replaced. */
const overwrite = (bytes: Buffer, from: number, to: number, fill: (length: number) => Buffer): Buffer => {
  const [start, end] = [from, to].map((percent) => Math.floor((bytes.length * percent) / 100))
  return Buffer.concat([bytes.subarray(0, start), fill((end ?? 0) - (start ?? 0)), bytes.subarray(end)])
}
const zeroes = (length: number): Buffer => Buffer.alloc(length)
// A fixed pseudo-random sequence (Lehmer, 16807), so that every run meets the same damage.
const noise = (length: number): Buffer => {
  let state = 1
  return Buffer.from(Uint8Array.from({ length }, () => (state = (state * 16807) % 2147483647) & 0xff))
}

describe('a video that was cut', { concurrency: 2 }, () => {
  for (const [name, percent, expected] of [
    ['faststart.mp4', 10, 'TRUNCATED'],
    ['faststart.mp4', 50, 'TRUNCATED'],
    ['faststart.mp4', 80, 'TRUNCATED'],
    ['faststart.mp4', 97, 'MP3 with TRUNCATED'],
    ['at-end.mp4', 10, 'TRUNCATED'],
    ['at-end.mp4', 50, 'TRUNCATED'],
    ['at-end.mp4', 97, 'TRUNCATED'],
    ['pcm.avi', 10, 'TRUNCATED'],
    ['pcm.avi', 50, 'TRUNCATED'],
    ['pcm.avi', 80, 'TRUNCATED'],
    ['pcm.avi', 97, 'MP3 with TRUNCATED'],
    ['mp3.avi', 50, 'TRUNCATED'],
    ['mp3.avi', 80, 'TRUNCATED'],
    ['aac.mkv', 10, 'TRUNCATED'],
    ['aac.mkv', 50, 'TRUNCATED'],
    ['aac.mkv', 80, 'TRUNCATED'],
    ['aac.mkv', 97, 'MP3 with TRUNCATED'],
    ['opus.webm', 50, 'TRUNCATED'],
    ['opus.webm', 97, 'MP3 with TRUNCATED'],
  ] as const)
    it(`${name} at ${percent} %: ${expected}`, async () => {
      const bytes = await bytesOf(name)
      assert.equal(await verdict(bytes.subarray(0, Math.floor((bytes.length * percent) / 100))), expected)
    })

  for (const name of Object.keys(videos) as Name[])
    it(`${name} after its first 600 bytes: TRUNCATED`, async () => {
      assert.equal(await verdict((await bytesOf(name)).subarray(0, 600)), 'TRUNCATED')
    })
})

describe('a video with a hole', { concurrency: 2 }, () => {
  for (const [what, fill] of [
    ['zeroes', zeroes],
    ['noise', noise],
  ] as const) {
    for (const [name, from, to, expected] of [
      ['faststart.mp4', 50, 53, 'MP3 with DAMAGED'],
      ['faststart.mp4', 50, 80, 'CORRUPT'],
      ['pcm.avi', 50, 53, 'MP3 with DAMAGED'],
      ['pcm.avi', 50, 80, 'CORRUPT'],
      ['mp3.avi', 50, 53, 'MP3 with DAMAGED'],
      ['mp3.avi', 50, 80, 'CORRUPT'],
      ['aac.mkv', 95, 96, 'MP3 with DAMAGED'],
      ['aac.mkv', 50, 80, 'CORRUPT'],
      ['opus.webm', 50, 80, 'CORRUPT'],
      ['pcm.avi', 15, 100, 'CORRUPT'],
      ['aac.mkv', 15, 100, 'CORRUPT'],
      ['at-end.mp4', 1, 100, 'CORRUPT'],
    ] as const)
      it(`${name} of ${what} from ${from} to ${to} %: ${expected}`, async () => {
        assert.equal(await verdict(overwrite(await bytesOf(name), from, to, fill)), expected)
      })
  }

  it('that is whole gives an MP3 without a warning', async () => {
    for (const name of Object.keys(videos) as Name[])
      assert.equal(await verdict(await bytesOf(name)), 'MP3', name)
  })
})

describe('a file that has no sound to give', { concurrency: 2 }, () => {
  it('is refused if it is no video', async () => {
    assert.equal(await verdict(Buffer.from('Dear diary, '.repeat(1000))), 'NOT_MEDIA')
    assert.equal(await verdict(Buffer.alloc(0)), 'NOT_MEDIA')
    assert.equal(
      await verdict(await video('picture.png', [...pictures(0.1).slice(0, 4), '-frames:v', '1'])),
      'NOT_MEDIA',
    )
    assert.equal(await verdict(await video('sound.mp3', tone(1))), 'NOT_MEDIA')
  })

  it('is refused if it has no audio track', async () => {
    for (const name of ['mute.mp4', 'mute.mkv', 'mute.avi']) {
      const codecs = name.endsWith('avi') ? mpeg4 : h264
      assert.equal(
        await verdict(await video(name, [...pictures(1).slice(0, 4), ...codecs])),
        'NO_AUDIO',
        name,
      )
    }
  })

  it('is refused if no decoder knows its sound', async () => {
    const avi = Buffer.from(await bytesOf('pcm.avi'))
    avi.writeUInt16LE(0x7777, avi.indexOf('strf', avi.indexOf('auds')) + 8)
    assert.equal(await verdict(avi), 'UNSUPPORTED_AUDIO')
    const mkv = Buffer.from((await bytesOf('aac.mkv')).toString('latin1').replace('A_AAC', 'A_XYZ'), 'latin1')
    assert.equal(await verdict(mkv), 'UNSUPPORTED_AUDIO')
  })
})
