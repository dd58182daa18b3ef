import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Bounds } from './bounds.ts'
import { Cores } from './cores.ts'
import { encodeMp3 } from './encode.ts'
import type { EncodeOptions } from './lame.ts'
import { probe } from './probe.ts'
import { remuxToMp4 } from './remux.ts'
import { pictures, sourceOf, tone, video, withInput } from './testing.ts'

/** Converts with other bounds than a file of this size has. */
const encodeWithin = (
  bytes: Buffer,
  bounds: Partial<Bounds>,
  options: EncodeOptions = {},
  cores = new Cores(2),
): Promise<unknown> =>
  withInput(sourceOf(bytes), async (input) => {
    const bounded = { ...input, bounds: { ...input.bounds, ...bounds } }
    const request = { options, filename: 'a', cores }
    return encodeMp3(bounded, await probe(bounded), request, (frames) => Array.fromAsync(frames))
  })

describe('a file that becomes more than it can', { timeout: 60_000 }, () => {
  let short: Buffer
  let long: Buffer
  before(async () => {
    short = await video('short.avi', [...tone(3), ...pictures(3), '-c:v', 'mjpeg', '-c:a', 'libmp3lame'])
    long = await video('long.mkv', ['-f', 'lavfi', '-i', 'sine=d=100:r=8000', '-c:a', 'pcm_u8'])
  })

  it('is refused when its sound is copied', async () => {
    await encodeWithin(short, { seconds: 4 })
    await assert.rejects(encodeWithin(short, { seconds: 2 }), { code: 'TOO_LONG' })
  })

  it('is refused when its sound is encoded', () =>
    assert.rejects(encodeWithin(short, { seconds: 2 }, { bitrate: 64 }), { code: 'TOO_LONG' }))

  it('is refused when several encode its sound', () =>
    assert.rejects(encodeWithin(long, { seconds: 70 }), { code: 'TOO_LONG' }))

  it('is refused, and not tried again, when it takes more CPU time', async () => {
    const source = await video('slow.mkv', ['-f', 'lavfi', '-i', 'sine=d=900', '-c:a', 'pcm_u8'])
    await assert.rejects(encodeWithin(source, { cpuSeconds: 1 }, {}, new Cores(1)), {
      code: 'TOO_LONG',
      message: /computing time/,
    })
  })

  it('is refused when there is no end of what is said about it', () =>
    assert.rejects(encodeWithin(short, { logLines: 10 }, { bitrate: 64 }), { code: 'CORRUPT' }))

  it('has no MP4 where that would be larger', () =>
    withInput(sourceOf(short), async (input) => {
      const bounded = { ...input, bounds: { ...input.bounds, mp4Bytes: 10_000 } }
      const store = (body: AsyncIterable<Buffer>): Promise<unknown> => Array.fromAsync(body)
      const remuxed = await remuxToMp4(bounded, await probe(bounded), {}, store)
      assert.deepEqual(remuxed, { skipped: 'As an MP4 it would be many times as large as it is.' })
    }))
})
