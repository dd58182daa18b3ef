import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ffmpeg, path, tone } from '../testing.ts'
import { splitFrames, type Frame } from './frames.ts'
import { Repacker } from './repack.ts'

const encode = async (sound: string[], options: string[]): Promise<Frame[]> => {
  const mp3 = await ffmpeg([
    ...sound,
    ...['-c:a', 'libmp3lame', ...options, '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3', '-'],
  ])
  return splitFrames(mp3).frames
}

const bytesOf = (frames: Frame[]): Buffer => Buffer.concat(frames.map(({ bytes }) => bytes))

let files = 0
const decode = async (frames: Frame[]): Promise<Buffer> =>
  ffmpeg(['-i', await path(`repack-${files++}.mp3`, bytesOf(frames)), '-f', 'f32le', '-'])

const repack = (frames: Frame[]): Frame[] => {
  const repacker = new Repacker()
  return [...frames.flatMap((frame) => repacker.push(frame)), ...repacker.end()]
}

/** Loud and quiet, tones and noise. */
const changing = (sampleRate: number, layout: string): string[] => [
  ...['-f', 'lavfi', '-i'],
  `aevalsrc='(0.5+0.5*cos(2*t))^3*(0.4*sin(2*PI*t*(300+50*t))+0.3*(random(0)-0.5)*lt(mod(t,0.7),0.1))':s=${sampleRate}:d=10,aformat=channel_layouts=${layout}`,
]

describe('repacking frames without a reservoir', { concurrency: 2 }, () => {
  for (const sampleRate of [44100, 48000, 32000, 22050, 24000, 8000])
    for (const layout of ['mono', 'stereo'])
      it(`of ${sampleRate} Hz ${layout}: the very same sound, in fewer bytes`, async () => {
        const frames = await encode(changing(sampleRate, layout), ['-q:a', '2', '-reservoir', '0'])
        const repacked = repack(frames)
        assert.equal(repacked.length, frames.length)
        assert.ok(bytesOf(repacked).length < bytesOf(frames).length)
        assert.ok((await decode(repacked)).equals(await decode(frames)))
      })

  it('makes them no larger than the encoder with a reservoir makes them', async () => {
    const sound = changing(44100, 'stereo')
    for (const quality of ['0', '2', '5', '9']) {
      const frames = await encode(sound, ['-q:a', quality, '-reservoir', '0'])
      const usual = bytesOf(await encode(sound, ['-q:a', quality])).length
      const size = bytesOf(repack(frames)).length
      assert.ok(size <= 1.01 * usual, `quality ${quality}: ${size} bytes, not ${usual}`)
    }
  })

  it('of silence', async () => {
    const silence = ['-f', 'lavfi', '-i', 'anullsrc=r=44100:d=3']
    const frames = await encode(silence, ['-q:a', '4', '-reservoir', '0'])
    assert.ok((await decode(repack(frames))).equals(await decode(frames)))
  })

  it('of a tone at the highest bitrate', async () => {
    const frames = await encode(tone(5), ['-b:a', '320k', '-reservoir', '0'])
    assert.ok((await decode(repack(frames))).equals(await decode(frames)))
  })
})
