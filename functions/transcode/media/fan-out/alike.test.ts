import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { boundsOf } from '../bounds.ts'
import { isAligned, soundAlike } from './alike.ts'
import { ffmpeg } from '../testing.ts'
import { splitFrames } from '../mp3/frames.ts'

const reach = 300
const length = 8 * reach
// A fixed pseudo-random sequence (Lehmer, 16807).
function noise(seed: number): (at: number) => number {
  let state = seed
  const values = Array.from(
    { length: length + 1000 },
    () => (state = (state * 16807) % 2147483647) / 2 ** 31 - 0.5,
  )
  return (at) => values[at] ?? 0
}
const samples = (value: (at: number) => number): Float32Array =>
  Float32Array.from({ length }, (_, at) => value(at))

describe('two decodings of the same place', () => {
  const [music, made, alsoMade] = [noise(1), noise(16_807_001), noise(777_777_777)]
  it('are alike, even with other noise in each', () => {
    assert.equal(isAligned(samples(music), samples(music), reach), true)
    const withNoise = (other: (at: number) => number) => samples((at) => music(at) + 0.7 * other(at))
    assert.equal(isAligned(withNoise(made), withNoise(alsoMade), reach), true)
  })

  it('are not, if one is later by a sample or by more', () => {
    for (const later of [1, 2, 17, 299, 500])
      assert.equal(
        isAligned(
          samples(music),
          samples((at) => music(at + later)),
          reach,
        ),
        false,
        String(later),
      )
    // Low notes look nearly the same a sample later.
    const low = (at: number) => Math.sin(at / 150) + 0.001 * music(at)
    assert.equal(
      isAligned(
        samples(low),
        samples((at) => low(at + 1)),
        reach,
      ),
      false,
    )
  })

  it('prove nothing in silence, in a tone that repeats, or if they have nothing in common', () => {
    assert.equal(
      isAligned(
        samples(() => 0),
        samples(() => 0),
        reach,
      ),
      false,
    )
    const tone = (at: number) => Math.sin((2 * Math.PI * at) / 50)
    assert.equal(isAligned(samples(tone), samples(tone), reach), false)
    assert.equal(isAligned(samples(music), samples(made), reach), false)
  })
})

it('compares the frames of two encoders by what is heard', async () => {
  const encode = async (delaySeconds: number): Promise<Buffer[]> => {
    const sound = `aevalsrc='0.3*sin(2*PI*(t+${delaySeconds})*(300+40*(t+${delaySeconds})))+0.02*random(0)':s=44100:d=1`
    const mp3 = await ffmpeg([
      '-f',
      'lavfi',
      '-i',
      sound,
      '-b:a',
      '128k',
      '-reservoir',
      '0',
      '-write_xing',
      '0',
      '-f',
      'mp3',
      '-',
    ])
    return splitFrames(mp3)
      .frames.slice(10, 18)
      .map(({ bytes }) => bytes)
  }
  const format = { sampleRate: 44100, channels: 1, samplesPerFrame: 1152 }
  const limits = { signal: new AbortController().signal, bounds: boundsOf(100_000) }
  const [one, late] = [await encode(0), await encode(100 / 44100)]
  assert.equal(await soundAlike(one, one, format, limits), true)
  assert.equal(await soundAlike(one, late, format, limits), false)
  assert.equal(await soundAlike(one, [], format, limits), false)
  assert.equal(await soundAlike([], [], format, limits), false)
})
