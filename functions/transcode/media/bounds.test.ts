import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assertMp4Within, assertSoundWithin, boundsOf } from './bounds.ts'

const hour = 3600

describe('what may be made of a file', () => {
  it('is an hour of sound, however small it is, and more with each byte', () => {
    assert.equal(boundsOf(0).seconds, hour)
    assert.equal(boundsOf(64 * hour).seconds, 2 * hour)
  })

  it('is a hundred hours of sound, however large it is', () => {
    assert.equal(boundsOf(1e12).seconds, 100 * hour)
  })

  it('takes CPU time by how much sound there may be', () => {
    assert.equal(boundsOf(10_000).cpuSeconds, 308)
    assert.ok(boundsOf(1e12).cpuSeconds > (100 * hour) / 20)
  })

  it('is more than anybody encodes: half an hour of speech at 6 kbit/s has four times the bytes that it needs', () => {
    const size = (1800 * 6000) / 8
    assert.ok(boundsOf(size).seconds > 4 * 1800)
  })

  it('lets an AVI of two hours, on half a CD, be read in turns: pictures and sound, 30 times a second, for MP4 and MP3', () => {
    assert.ok(boundsOf(350e6).requests > 2 * 30 * 2 * hour)
  })

  it('is said when it is too much, with what it would be', () => {
    const small = boundsOf(10_000)
    assertSoundWithin(small, 10_000, small.seconds)
    assert.throws(() => assertSoundWithin(small, 10_000, small.seconds + 1), {
      code: 'TOO_LONG',
      message: 'The video is too long: it goes on for more than 1 hours, which a file of 10 kB cannot hold.',
    })
    assert.throws(() => assertSoundWithin(boundsOf(1e12), 1e12, 101 * hour), {
      code: 'TOO_LONG',
      message: 'The video is too long: it goes on for more than 100 hours.',
    })
  })

  it('is an MP4 of several times its size', () => {
    const bounds = boundsOf(1e9)
    assertMp4Within(bounds, 3e9)
    assert.throws(() => assertMp4Within(bounds, 5e9), { code: 'TOO_LONG' })
  })
})
