import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { probe } from './probe.ts'
import { remuxToMp4 } from './remux.ts'
import { decode, ffmpeg, path, pictures, sourceOf, tone, video, withInput } from './testing.ts'

const remux = (bytes: Buffer) =>
  withInput(sourceOf(bytes), async (input) => {
    let body = Buffer.alloc(0)
    const result = await remuxToMp4(input, await probe(input), {}, async (fragments) => {
      body = Buffer.concat(await Array.fromAsync(fragments))
    })
    return { result, body }
  })

/** The MP4 that comes of an AVI, with what belongs in front of it. */
async function mp4Of(avi: Buffer): Promise<Buffer> {
  const { result, body } = await remux(avi)
  assert.ok('head' in result, JSON.stringify(result))
  return Buffer.concat([...result.head, body])
}

/** The stored packets of one kind, as they are. */
const packets = async (name: string, kind: 'v' | 'a'): Promise<Buffer> =>
  ffmpeg(['-i', await path(name), '-map', `0:${kind}:0`, '-c', 'copy', '-f', 'data', '-'])

/** One line for each packet: its track, its times, its size, its checksum, whether decoding can begin there. */
const packetList = async (name: string): Promise<string> =>
  (await ffmpeg(['-i', await path(name), '-map', '0', '-c', 'copy', '-f', 'framecrc', '-'])).toString()

/** Asserts that the MP4 of this AVI holds the same packets, at the same times, as the one that ffmpeg writes into a file. */
async function assertIsAsByFfmpeg(name: string, avi: Buffer, sound = 'copy'): Promise<void> {
  const input = ['-fflags', '+genpts', '-i', await path(`${name}.avi`, avi)]
  const streams = ['-map', '0:v:0', '-map', '0:a:0', '-c:v', 'copy', '-c:a', sound]
  await ffmpeg([...input, ...streams, await path(`${name} by ffmpeg.mp4`)])
  await path(`${name}.mp4`, await mp4Of(avi))
  // FLAC's checksum and frame sizes are known only when the file is at its end: zero says that they are not.
  const comparable = (list: string): string =>
    sound === 'flac' ? list.replace(/^#extradata 1.*$/m, '') : list
  assert.equal(
    comparable(await packetList(`${name}.mp4`)),
    comparable(await packetList(`${name} by ffmpeg.mp4`)),
  )
}

const mp3 = ['-c:a', 'libmp3lame']

describe('remuxing an AVI', { concurrency: 2 }, () => {
  for (const [name, codecs] of [
    ['mpeg4-mp3', ['-c:v', 'mpeg4', ...mp3]],
    ['mjpeg-ac3', ['-c:v', 'mjpeg', '-c:a', 'ac3']],
    ['mpeg4-mp2', ['-c:v', 'mpeg4', '-c:a', 'mp2']],
  ] as const)
    it(`of ${name}: the same pictures and sound in an MP4`, async () => {
      const avi = await video(`${name}.avi`, [...tone(1), ...pictures(1), ...codecs])
      await path(`${name}.mp4`, await mp4Of(avi))
      for (const kind of ['v', 'a'] as const)
        assert.ok((await packets(`${name}.mp4`, kind)).equals(await packets(`${name}.avi`, kind)), kind)
    })

  it('of H.264 with B-frames: every picture, in order', async () => {
    const codecs = ['-c:v', 'libx264', '-bf', '2', ...mp3]
    const avi = await video('h264.avi', [...tone(1), ...pictures(1), ...codecs])
    await path('h264.mp4', await mp4Of(avi))
    const shown = async (name: string) =>
      ffmpeg(['-i', await path(name), '-an', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'])
    assert.ok((await shown('h264.mp4')).equals(await shown('h264.avi')))
  })

  describe('makes what ffmpeg makes where it can go back in its output:', { concurrency: 2 }, () => {
    const b = ['-c:v', 'libx264', '-bf', '2', '-g', '30']
    for (const [name, seconds, codecs] of [
      ['pictures that depend on later ones', [9, 9], [...b, ...mp3]],
      ['each picture by itself', [3, 3], ['-c:v', 'mjpeg', '-c:a', 'ac3']],
      ['hardly a picture from which to begin', [9, 9], ['-c:v', 'mpeg4', '-g', '300', ...mp3]],
      ['sound that goes on without pictures', [9, 2], [...b, ...mp3]],
      ['pictures that go on without sound', [2, 9], [...b, ...mp3]],
      ['one picture', [2, 0.1], ['-c:v', 'mpeg4', ...mp3]],
      [
        'pictures of which most are missing',
        [9, 9],
        ['-fps_mode', 'vfr', '-vf', 'select=lt(t\\,2)+gt(t\\,6)', ...b, ...mp3],
      ],
      ['times in microseconds', [9, 9], ['-r', '1000000/41708', '-c:v', 'mpeg4', ...mp3]],
    ] as const)
      it(name, async () => {
        const avi = await video(`${name}.avi`, [...tone(seconds[0]), ...pictures(seconds[1]), ...codecs])
        await assertIsAsByFfmpeg(name, avi)
      })

    for (const [codec, becomes] of [
      ['pcm_s16le', 'flac'],
      ['pcm_u8', 'flac'],
      ['pcm_f32le', 'aac'],
    ] as const)
      it(`${codec}, which MP4 cannot hold, as ${becomes}`, async () => {
        const avi = await video(`${codec}.avi`, [
          ...tone(9),
          ...pictures(9),
          ...['-c:v', 'mpeg4', '-c:a', codec],
        ])
        await assertIsAsByFfmpeg(codec, avi, becomes)
        const heard = async (name: string) => decode(await readFile(await path(name)))
        const isSame = (await heard(`${codec}.mp4`)).equals(await heard(`${codec}.avi`))
        assert.equal(isSame, becomes === 'flac', 'FLAC has the very samples')
      })

    it('sound that begins later', async () => {
      const avi = await video('late.avi', [...tone(9), ...pictures(9), '-c:v', 'mpeg4', ...mp3])
      // After which number of frames the stream begins, from the header of the sound's.
      avi.writeUInt32LE(100, avi.indexOf('auds') + 28)
      await assertIsAsByFfmpeg('late', avi)
    })
  })

  it('makes an MP4 without its head, too, though slow to open', async () => {
    const avi = await video('head.avi', [...tone(3), ...pictures(3), '-c:v', 'mpeg4', ...mp3])
    const { body } = await remux(avi)
    await path('body.mp4', body)
    for (const kind of ['v', 'a'] as const)
      assert.ok((await packets('body.mp4', kind)).equals(await packets('head.avi', kind)), kind)
  })

  it('tells how far it is', async () => {
    const avi = await video('far.avi', [...tone(1), ...pictures(1), '-c:v', 'mpeg4', ...mp3])
    const fractions: number[] = []
    await withInput(sourceOf(avi), async (input) =>
      remuxToMp4(input, await probe(input), { onProgress: (fraction) => fractions.push(fraction) }, (body) =>
        Array.fromAsync(body),
      ),
    )
    assert.ok(fractions.length > 0 && fractions.every((fraction) => fraction > 0 && fraction <= 1))
  })

  for (const [codec, name, size] of [
    ['msmpeg4', 'msmpeg4v3', '96x64'],
    ['wmv2', 'wmv2', '96x64'],
    ['huffyuv', 'huffyuv', '96x64'],
    ['h263', 'h263', '176x144'],
  ] as const)
    it(`leaves out ${name}, which MP4 cannot hold, and says so`, async () => {
      const codecs = ['-c:v', codec, '-s', size, '-c:a', 'libmp3lame']
      const { result, body } = await remux(
        await video(`${codec}.avi`, [...tone(1), ...pictures(1), ...codecs]),
      )
      assert.deepEqual(result, { skipped: `MP4 cannot hold this video as it is (${name}).` })
      assert.equal(body.length, 0)
    })

  it('leaves out a file without pictures', async () => {
    const { result } = await remux(await video('sound.avi', [...tone(1), '-c:a', 'pcm_s16le']))
    assert.deepEqual(result, { skipped: 'The file has no pictures.' })
  })

  it('goes on over damage', async () => {
    const avi = await video('holes.avi', [...tone(4), ...pictures(4), '-c:v', 'mpeg4', '-c:a', 'libmp3lame'])
    avi.fill(0, avi.length / 2, avi.length / 2 + 5000)
    assert.ok((await mp4Of(avi)).length > avi.length / 2)
  })

  it('fails with what the store threw', async () => {
    const avi = await video('store.avi', [...tone(1), ...pictures(1), '-c:v', 'mpeg4', '-c:a', 'libmp3lame'])
    const run = withInput(sourceOf(avi), async (input) =>
      remuxToMp4(input, await probe(input), {}, () => Promise.reject(new Error('disk full'))),
    )
    await assert.rejects(run, /^Error: disk full$/)
  })
})
