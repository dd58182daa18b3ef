import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeMp3 } from './encode.ts'
import type { EncodeOptions } from './lame.ts'
import { bitwiseCrc, parseMp3 } from './mp3/parse.testing.ts'
import { probe } from './probe.ts'
import { convert, decode, ffmpeg, path, pictures, sourceOf, tone, video, withInput } from './testing.ts'

const seconds = 1.5
const clip = (name: string, codecs: string[], sound: Parameters<typeof tone>[1] = {}): Promise<Buffer> =>
  video(name, [...tone(seconds, sound), ...pictures(seconds), ...codecs])

const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast']
const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime']
const mpeg4 = ['-c:v', 'mpeg4']

/** Everything in the header agrees with the frames behind it, and they decode to what the result says. */
async function assertSound(mp3: Awaited<ReturnType<typeof convert>>): Promise<void> {
  const parsed = parseMp3(mp3.file)
  assert.deepEqual(parsed.music, mp3.body)
  assert.equal(parsed.bytes, parsed.table.length + mp3.body.length)
  assert.equal(parsed.musicLength, parsed.bytes)
  assert.equal(parsed.musicCrc, bitwiseCrc(mp3.body))
  assert.equal(parsed.tagCrc, parsed.expectedTagCrc)
  const spf = parsed.sampleRate >= 32000 ? 1152 : 576
  // A player drops its decoder's own 529 samples too, which the padding at the other end counts in.
  const cut = parsed.encoder.startsWith('LAME') ? parsed.delay + 529 + Math.max(0, parsed.padding - 529) : 0
  assert.equal(parsed.frames * spf - cut, mp3.samples)
  assert.ok(parsed.seekTable.every((position, at) => at === 0 || position >= (parsed.seekTable[at - 1] ?? 0)))
  assert.ok(
    Math.abs((parsed.seekTable[50] ?? 0) - 128) < 16,
    'half of the time is at about half of the bytes',
  )
  assert.equal(mp3.durationSeconds, mp3.samples / parsed.sampleRate)
  assert.equal(parsed.tags['TLEN'], String(Math.round(mp3.durationSeconds * 1000)))
  const channels = parsed.channelMode === 3 ? 1 : 2
  assert.equal((await decode(mp3.file)).length, mp3.samples * channels * 2)
}

describe('making an MP3', { concurrency: 2 }, () => {
  for (const [name, container, codec, codecs] of [
    ['faststart.mp4', 'mp4', 'aac', [...h264, '-c:a', 'aac', '-movflags', '+faststart']],
    ['moov-at-end.mp4', 'mp4', 'aac', [...h264, '-c:a', 'aac']],
    ['fragmented.mp4', 'mp4', 'aac', [...h264, '-c:a', 'aac', '-movflags', 'frag_keyframe+empty_moov']],
    ['pcm.mov', 'mov', 'pcm_s16be', ['-c:v', 'mjpeg', '-c:a', 'pcm_s16be']],
    ['pcm.avi', 'avi', 'pcm_s16le', [...mpeg4, '-c:a', 'pcm_s16le']],
    ['ac3.avi', 'avi', 'ac3', [...mpeg4, '-c:a', 'ac3']],
    ['aac.mkv', 'mkv', 'aac', [...h264, '-c:a', 'aac']],
    ['ac3.mkv', 'mkv', 'ac3', [...h264, '-c:a', 'ac3']],
    ['flac.mkv', 'mkv', 'flac', [...h264, '-c:a', 'flac']],
    ['opus.webm', 'webm', 'opus', [...vp8, '-c:a', 'libopus']],
    ['vorbis.webm', 'webm', 'vorbis', [...vp8, '-c:a', 'libvorbis']],
    ['mp2.mp4', 'mp4', 'mp3', [...h264, '-c:a', 'mp2']],
  ] as const)
    it(`of ${name}: exactly what the video decodes to, as if ffmpeg had written a file itself`, async () => {
      const source = await clip(name, [...codecs])
      const mp3 = await convert(source)
      assert.equal(mp3.media.container, container)
      assert.equal(mp3.media.audioCodec, codec)
      assert.equal(mp3.media.channels, 2)
      assert.deepEqual(mp3.warnings, [])
      assert.equal(mp3.copied, false)
      assert.equal(mp3.bitrate, 192)
      await assertSound(mp3)
      const decoded = await decode(source)
      assert.equal(mp3.samples, decoded.length / 4)
      const own = await video(`${name}.own.mp3`, ['-i', await path(name), '-map', '0:a:0', '-b:a', '192k'])
      assert.ok((await decode(own)).equals(await decode(mp3.file)))
    })

  for (const [sampleRate, layout, outputRate] of [
    [44100, 'mono', 44100],
    [48000, '5.1', 48000],
    [32000, 'stereo', 32000],
    [22050, 'mono', 22050],
    [24000, 'stereo', 24000],
    [16000, 'mono', 16000],
    [8000, 'stereo', 8000],
    [11025, 'mono', 11025],
    [96000, 'stereo', 48000],
  ] as const)
    it(`of ${sampleRate} Hz ${layout}: not a sample more or less`, async () => {
      const name = `${sampleRate}-${layout}.mkv`
      const source = await clip(name, [...h264, '-c:a', 'flac'], { sampleRate, layout })
      const mp3 = await convert(source)
      assert.equal(mp3.media.sampleRate, sampleRate)
      assert.equal(parseMp3(mp3.file).sampleRate, outputRate)
      await assertSound(mp3)
      assert.equal(mp3.samples, Math.round(seconds * outputRate))
    })

  for (const [options, expectation] of [
    [{ bitrate: 64 }, { kind: 'Info', method: 1, bitrate: 64 }],
    [{ bitrate: 320 }, { kind: 'Info', method: 1, bitrate: 255 }],
    [{ quality: 0 }, { kind: 'Xing', method: 4, quality: 100 }],
    [{ quality: 9 }, { kind: 'Xing', method: 4, quality: 10 }],
  ] as [EncodeOptions, Partial<ReturnType<typeof parseMp3>>][])
    it(`with ${JSON.stringify(options)}`, async () => {
      const mp3 = await convert(
        await clip(`${JSON.stringify(options)}.mkv`, [...h264, '-c:a', 'flac']),
        options,
      )
      assert.partialDeepStrictEqual(parseMp3(mp3.file), expectation)
      if (options.bitrate) assert.equal(mp3.bitrate, options.bitrate)
      await assertSound(mp3)
    })

  it('of silence', async () => {
    const sound = ['-f', 'lavfi', '-i', `anullsrc=r=48000:cl=stereo:d=${seconds}`]
    const mp3 = await convert(
      await video('silence.mp4', [...sound, ...pictures(seconds), ...h264, '-c:a', 'aac', '-shortest']),
    )
    assert.deepEqual(mp3.warnings, [])
    await assertSound(mp3)
    assert.ok((await decode(mp3.file)).every((byte) => byte === 0))
  })

  it('of fewer samples than one frame', async () => {
    const mp3 = await convert(
      await video('short.mkv', [...tone(0.01), ...pictures(0.2), ...h264, '-c:a', 'flac']),
    )
    assert.equal(mp3.samples, 441)
    assert.equal((await decode(mp3.file)).length, 441 * 4)
    assert.deepEqual(mp3.warnings, [])
  })

  it('of sound that ends before the pictures, without a warning', async () => {
    for (const name of ['early.mp4', 'early.mkv', 'early.avi']) {
      const codecs = name.endsWith('avi') ? [...mpeg4, '-c:a', 'pcm_s16le'] : [...h264, '-c:a', 'aac']
      const mp3 = await convert(await video(name, [...tone(0.5), ...pictures(3), ...codecs]))
      assert.deepEqual(mp3.warnings, [], name)
      assert.ok(Math.abs(mp3.durationSeconds - 0.5) < 0.1, name)
    }
  })

  it('of a stream that was never finished, and does not say how long it is', async () => {
    for (const [format, codecs] of [
      ['matroska', [...h264, '-c:a', 'aac']],
      ['avi', [...mpeg4, '-c:a', 'pcm_s16le']],
    ] as const) {
      const live = await ffmpeg([...tone(1), ...pictures(1), ...codecs, '-f', format, '-'])
      const mp3 = await convert(live)
      assert.deepEqual(mp3.warnings, [], format)
      assert.ok(Math.abs(mp3.durationSeconds - 1) < 0.1, format)
    }
  })

  it('titles it after the file', async () => {
    const source = await clip('title.mkv', [...h264, '-c:a', 'flac'])
    const tags = async (filename: string) => parseMp3((await convert(source, {}, filename)).file).tags
    assert.partialDeepStrictEqual(await tags('הרצאה 😀.final.mkv'), {
      TIT2: 'הרצאה 😀.final',
      TOFN: 'הרצאה 😀.final.mkv',
    })
    assert.partialDeepStrictEqual(await tags('.mkv'), { TIT2: '.mkv' })
  })

  it('says how far it is', async () => {
    const source = await video('long.mkv', [...tone(90), '-c:a', 'pcm_s16le'])
    const fractions: number[] = []
    await withInput(sourceOf(source), async (input) => {
      const media = await probe(input)
      const request = {
        options: {},
        filename: 'a',
        onProgress: (fraction: number) => void fractions.push(fraction),
      }
      await encodeMp3(input, media, request, (frames) => Array.fromAsync(frames))
    })
    assert.ok(fractions.length > 0)
    assert.deepEqual(
      fractions,
      fractions.toSorted((a, b) => a - b),
    )
    assert.ok(fractions.every((fraction) => fraction > 0 && fraction <= 1))
    assert.ok((fractions.at(-1) ?? 0) > 0.99)
  })

  it('asks the source for few ranges, even where large pictures lie between the sound', async () => {
    const frames = ['-f', 'lavfi', '-i', 'color=size=320x240:rate=25:duration=2', '-map', '1', '-map', '0']
    const codecs = ['-c:v', 'rawvideo', '-pix_fmt', 'bgr24', '-c:a', 'pcm_s16le']
    const source = sourceOf(await video('large-pictures.avi', [...tone(2), ...frames, ...codecs]))
    let reads = 0
    const read = (start: number, end: number) => {
      reads++
      return source.read(start, end)
    }
    await withInput({ ...source, read }, async (input) => {
      await encodeMp3(input, await probe(input), { options: {}, filename: 'a' }, (body) =>
        Array.fromAsync(body),
      )
    })
    assert.ok(reads < 20, `${reads} reads`)
  })

  it('fails with what the store threw', async () => {
    const source = await clip('store.mkv', [...h264, '-c:a', 'flac'])
    await withInput(sourceOf(source), async (input) => {
      const media = await probe(input)
      const encode = (store: (frames: AsyncIterable<Buffer>) => Promise<unknown>) =>
        encodeMp3(input, media, { options: {}, filename: 'a' }, store)
      await assert.rejects(
        encode(async () => Promise.reject(new Error('disk full'))),
        /^Error: disk full$/,
      )
      const takeOne = async (frames: AsyncIterable<Buffer>) => {
        for await (const frame of frames) if (frame.length > 0) throw new Error('disk full now')
      }
      await assert.rejects(encode(takeOne), /^Error: disk full now$/)
      await assert.rejects(
        encode(async () => {}),
        /not stored to its end/,
      )
    })
  })
})

describe('copying MP3 sound', { concurrency: 2 }, () => {
  const mp3Codecs = (rate: string[]) => [...mpeg4, '-c:a', 'libmp3lame', ...rate]
  for (const container of ['avi', 'mp4', 'mkv', 'mov'])
    for (const [kind, rate] of [
      ['Info', ['-b:a', '96k']],
      ['Xing', ['-q:a', '3']],
    ] as const)
      it(`from ${container} (${kind}): the video’s own frames, bit for bit`, async () => {
        const name = `copy-${kind}.${container}`
        const source = await clip(name, mp3Codecs([...rate]))
        const mp3 = await convert(source)
        assert.equal(mp3.copied, true)
        assert.deepEqual(mp3.warnings, [])
        const frames = await ffmpeg([
          '-i',
          await path(name),
          '-map',
          '0:a:0',
          '-c',
          'copy',
          '-f',
          'data',
          '-',
        ])
        assert.ok(mp3.body.equals(frames))
        const delay = container === 'mp4' || container === 'mov' ? 576 : 0
        assert.partialDeepStrictEqual(parseMp3(mp3.file), { kind, delay, padding: 0 })
        await assertSound(mp3)
        const heard = await ffmpeg(['-i', await path(`${name}.mp3`, mp3.file), '-f', 's16le', '-'])
        const seen = await ffmpeg(['-i', await path(name), '-map', '0:a:0', '-f', 's16le', '-'])
        // Matroska can cut the end as well, which an MP3 cannot say without cutting its start.
        if (container !== 'mkv') assert.equal(heard.length, seen.length)
        assert.ok(
          heard.subarray(0, seen.length).equals(seen),
          'it decodes to the very samples of the video’s sound',
        )
      })

  for (const skip of [3000, 5000, 40_000])
    it(`leaves out ${skip} samples at its beginning, as the edits of an MP4 say`, async () => {
      const source = await video(`edited-${skip}.mp4`, [...tone(3), '-c:a', 'libmp3lame', '-b:a', '128k'])
      const edit = source.indexOf('elst') + 12
      source.writeUInt32BE(2000, edit)
      source.writeUInt32BE(skip, edit + 4)
      const mp3 = await convert(source)
      assert.equal(mp3.copied, true)
      assert.ok(Math.abs(mp3.durationSeconds - 2) < 0.05, `${mp3.durationSeconds} s`)
      const [seen, heard] = [await decode(source), await decode(mp3.file)]
      // The first frames need bytes of those before them, and are not heard.
      const tenth = 4 * 4410
      assert.ok(heard.subarray(tenth, 10 * tenth).equals(seen.subarray(tenth, 10 * tenth)))
    })

  it('leaves out tables that an MP3 file brought with it', async () => {
    const file = await video('tables.mp3', [...tone(1), '-b:a', '128k', '-id3v2_version', '0'])
    const sound = file.subarray(417)
    // With sound in front, ffmpeg takes the table for sound as well and puts it into the video.
    const joined = await video('joined.avi', [
      '-f',
      'mp3',
      '-i',
      await path('tables-joined.mp3', Buffer.concat([sound, file])),
      '-c',
      'copy',
    ])
    const mp3 = await convert(joined)
    assert.equal(mp3.copied, true)
    assert.ok(joined.includes('Info'), 'the video has a table')
    assert.ok(!mp3.body.includes('Info'))
    assert.equal(mp3.body.length, 2 * sound.length)
    await assertSound(mp3)
  })

  it('is not done if a bitrate or quality was asked for', async () => {
    const source = await clip('asked.avi', mp3Codecs(['-b:a', '96k']))
    assert.partialDeepStrictEqual(await convert(source, { bitrate: 96 }), { copied: false, bitrate: 96 })
    assert.partialDeepStrictEqual(await convert(source, { quality: 4 }), { copied: false })
  })
})
