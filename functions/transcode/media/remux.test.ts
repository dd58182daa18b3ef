import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { probe } from './probe.ts'
import { remuxToMp4 } from './remux.ts'
import { ffmpeg, path, pictures, sourceOf, tone, video, withInput } from './testing.ts'

const remux = (bytes: Buffer) =>
  withInput(sourceOf(bytes), async (input) => {
    let mp4: Buffer | undefined
    const fractions: number[] = []
    const onProgress = (fraction: number) => void fractions.push(fraction)
    const result = await remuxToMp4(input, await probe(input), { onProgress }, async (body) => {
      mp4 = Buffer.concat(await Array.fromAsync(body))
    })
    return { result, mp4, fractions }
  })

/** The stored packets of one kind, as they are. */
const packets = async (name: string, kind: 'v' | 'a'): Promise<Buffer> =>
  ffmpeg(['-i', await path(name), '-map', `0:${kind}:0`, '-c', 'copy', '-f', 'data', '-'])

describe('remuxing an AVI', { concurrency: 2 }, () => {
  for (const [name, codecs] of [
    ['mpeg4-mp3', ['-c:v', 'mpeg4', '-c:a', 'libmp3lame']],
    ['mjpeg-ac3', ['-c:v', 'mjpeg', '-c:a', 'ac3']],
    ['mpeg4-mp2', ['-c:v', 'mpeg4', '-c:a', 'mp2']],
  ] as const)
    it(`of ${name}: the same pictures and sound in an MP4`, async () => {
      const avi = await video(`${name}.avi`, [...tone(1), ...pictures(1), ...codecs])
      const { result, mp4 } = await remux(avi)
      assert.deepEqual(result, {})
      assert.equal(mp4?.toString('latin1', 4, 8), 'ftyp')
      await path(`${name}.mp4`, mp4)
      for (const kind of ['v', 'a'] as const)
        assert.ok((await packets(`${name}.mp4`, kind)).equals(await packets(`${name}.avi`, kind)), kind)
    })

  it('of H.264 with B-frames: every picture, in order', async () => {
    const codecs = ['-c:v', 'libx264', '-bf', '2', '-c:a', 'libmp3lame']
    const avi = await video('h264.avi', [...tone(1), ...pictures(1), ...codecs])
    const { result, mp4 } = await remux(avi)
    assert.deepEqual(result, {})
    await path('h264.mp4', mp4)
    const shown = async (name: string) =>
      ffmpeg(['-i', await path(name), '-an', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'])
    assert.ok((await shown('h264.mp4')).equals(await shown('h264.avi')))
  })

  it('makes AAC of sound that MP4 cannot hold', async () => {
    const avi = await video('pcm.avi', [...tone(1), ...pictures(1), '-c:v', 'mpeg4', '-c:a', 'pcm_s16le'])
    const { result, mp4 } = await remux(avi)
    assert.deepEqual(result, {})
    assert.ok(mp4)
    assert.equal((await withInput(sourceOf(mp4), probe)).audioCodec, 'aac')
  })

  for (const [codec, name, size] of [
    ['msmpeg4', 'msmpeg4v3', '96x64'],
    ['wmv2', 'wmv2', '96x64'],
    ['huffyuv', 'huffyuv', '96x64'],
    ['h263', 'h263', '176x144'],
  ] as const)
    it(`leaves out ${name}, which MP4 cannot hold, and says so`, async () => {
      const codecs = ['-c:v', codec, '-s', size, '-c:a', 'libmp3lame']
      const { result, mp4 } = await remux(
        await video(`${codec}.avi`, [...tone(1), ...pictures(1), ...codecs]),
      )
      assert.deepEqual(result, { skipped: `MP4 cannot hold this video as it is (${name}).` })
      assert.equal(mp4, undefined)
    })

  it('leaves out a file without pictures', async () => {
    const { result } = await remux(await video('sound.avi', [...tone(1), '-c:a', 'pcm_s16le']))
    assert.deepEqual(result, { skipped: 'The file has no pictures.' })
  })

  it('goes on over damage', async () => {
    const avi = await video('holes.avi', [...tone(4), ...pictures(4), '-c:v', 'mpeg4', '-c:a', 'libmp3lame'])
    avi.fill(0, avi.length / 2, avi.length / 2 + 5000)
    const { result, mp4 } = await remux(avi)
    assert.deepEqual(result, {})
    assert.ok(mp4 && mp4.length > avi.length / 2)
  })

  it('fails with what the store threw', async () => {
    const avi = await video('store.avi', [...tone(1), ...pictures(1), '-c:v', 'mpeg4', '-c:a', 'libmp3lame'])
    const run = withInput(sourceOf(avi), async (input) =>
      remuxToMp4(input, await probe(input), {}, () => Promise.reject(new Error('disk full'))),
    )
    await assert.rejects(run, /^Error: disk full$/)
  })
})
