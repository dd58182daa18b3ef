import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ffmpeg } from '../testing.ts'
import { splitFrames, type Frame } from './frames.ts'
import { Tally } from './tally.ts'

const bars = 100

/** The frames of a sound's MP3. */
async function encode(sound: string, options: string[]): Promise<Frame[]> {
  const mp3 = await ffmpeg([
    ...['-f', 'lavfi', '-i', sound, ...options, '-write_xing', '0', '-id3v2_version', '0', '-f', 'mp3', '-'],
  ])
  return splitFrames(mp3).frames
}

function waveformOf(frames: Frame[]): number[] {
  const tally = new Tally()
  for (const frame of frames) tally.add(frame)
  return [...tally.waveform(bars)]
}

/** The waveform of a sound's MP3. */
const waveform = async (sound: string, options: string[]): Promise<number[]> =>
  waveformOf(await encode(sound, options))

/** As if the frame had been protected: with two bytes of checksum behind its header, which nobody looks at. */
function withChecksum({ header, bytes }: Frame): Frame {
  const head = Buffer.from(bytes.subarray(0, 4))
  head.writeUInt8(head.readUInt8(1) & 0xfe, 1)
  return { header, bytes: Buffer.concat([head, Buffer.alloc(2), bytes.subarray(4)]) }
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value) / values.length

/** How closely two series go up and down together: 1 is always. */
function correlation(one: number[], other: number[]): number {
  const [middle, otherMiddle] = [mean(one), mean(other)]
  const covariance = (a: number[], am: number, b: number[], bm: number): number =>
    mean(a.map((value, index) => (value - am) * ((b[index] ?? 0) - bm)))
  return (
    covariance(one, middle, other, otherMiddle) /
    Math.sqrt(covariance(one, middle, one, middle) * covariance(other, otherMiddle, other, otherMiddle))
  )
}

describe('a waveform that is told by frames without decoding them', { concurrency: 2 }, () => {
  const seconds = 30
  const loudness = (time: number): number => 0.03 + 0.9 * Math.abs(Math.sin(0.3 * time))
  const expected = Array.from({ length: bars }, (_, bar) => loudness(((bar + 0.5) * seconds) / bars))
  const swelling = (sound: string, sampleRate: number): string =>
    `aevalsrc='(0.03+0.9*abs(sin(0.3*t)))*(${sound})':s=${sampleRate}:d=${seconds}`

  for (const [what, sound, sampleRate, options] of [
    ['noise', '0.5*(random(0)-0.5)', 44100, ['-b:a', '192k']],
    ['a tone', '0.7*sin(2*PI*440*t)', 44100, ['-b:a', '192k']],
    ['a chord at a low bitrate', '0.2*sin(1300*t)+0.2*sin(1700*t)+0.2*sin(2900*t)', 44100, ['-b:a', '64k']],
    ['a chord at a variable bitrate', '0.2*sin(1300*t)+0.2*sin(1700*t)', 48000, ['-q:a', '4']],
    ['noise at a low sample rate', '0.5*(random(0)-0.5)', 22050, ['-b:a', '64k']],
  ] as const)
    it(`swells as ${what} does`, async () => {
      const seen = await waveform(swelling(sound, sampleRate), [...options])
      assert.equal(seen.length, bars)
      const together = correlation(seen, expected)
      assert.ok(together > 0.9, `${together}: ${seen.join(' ')}`)
    })

  it('is the same where frames have checksums', async () => {
    const frames = await encode(swelling('0.5*(random(0)-0.5)', 44100), ['-b:a', '128k'])
    assert.deepEqual(waveformOf(frames.map(withChecksum)), waveformOf(frames))
  })

  it('is flat where nothing is to be heard', async () => {
    const half = "aevalsrc='if(lt(t,2),0,0.5*sin(2000*t))':s=44100:d=4"
    const seen = await waveform(half, ['-b:a', '128k'])
    assert.deepEqual(
      seen.slice(2, 46).filter((bar) => bar > 5),
      [],
    )
    assert.ok(seen.slice(55, 95).every((bar) => bar > 100))
  })

  it('has a bar for each frame of what is shorter', async () => {
    assert.ok((await waveform('sine=440:d=0.5', ['-b:a', '128k'])).length < 25)
    assert.deepEqual([...new Tally().waveform(bars)], [])
  })
})
