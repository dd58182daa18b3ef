import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { splitFrames, parseFrameHeader } from './frames.ts'
import { headerFrame, type Gapless } from './header.ts'
import { id3Tag } from './id3.ts'
import { bitwiseCrc, parseMp3 } from './parse.testing.ts'
import { Tally } from './tally.ts'

// Every version, sample rate, bitrate and channel mode of layer III.
const headerWord = fc
  .record({
    version: fc.constantFrom(0, 2, 3),
    rate: fc.integer({ min: 0, max: 2 }),
    mode: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ version, rate, mode }) => (0xffe30000 | (version << 19) | (rate << 10) | (mode << 6)) >>> 0)

const bitrateIndexes = fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 300 })

const silentFrame = (word: number, bitrateIndex: number): Buffer => {
  const header = Buffer.alloc(4)
  header.writeUInt32BE((word | (bitrateIndex << 12)) >>> 0)
  const frame = Buffer.alloc(parseFrameHeader(header)?.size ?? 0, bitrateIndex)
  header.copy(frame)
  return frame
}

const tallyOf = (frames: Buffer[]): Tally => {
  const tally = new Tally()
  for (const bytes of frames) {
    const header = parseFrameHeader(bytes)
    assert.ok(header)
    tally.add({ header, bytes })
  }
  return tally
}

const gapless: Gapless = { encoder: 'LAME3.100', delay: 576, padding: 1234 }
const tag = id3Tag({ title: 'T', sourceName: 'T.avi', durationSeconds: 1 })

describe('the header frame', () => {
  it('says of any stream how many frames, bytes and which checksums it has, and where its hundredths begin', () => {
    fc.assert(
      fc.property(headerWord, bitrateIndexes, (word, indexes) => {
        const frames = indexes.map((index) => silentFrame(word, index))
        const music = Buffer.concat(frames)
        const parsed = parseMp3(Buffer.concat([tag, headerFrame(tallyOf(frames), gapless), music]))
        const total = parsed.table.length + music.length
        assert.deepEqual(parsed.music, music)
        assert.equal(parsed.frames, frames.length)
        assert.equal(parsed.bytes, total)
        assert.equal(parsed.musicLength, total)
        assert.equal(parsed.musicCrc, bitwiseCrc(music))
        assert.equal(parsed.tagCrc, parsed.expectedTagCrc)
        assert.equal(parsed.encoder, 'LAME3.100')
        assert.deepEqual([parsed.delay, parsed.padding], [576, 1234])
        assert.equal(parsed.kind, new Set(indexes).size === 1 ? 'Info' : 'Xing')
        const expected = Array.from({ length: 100 }, (_, percent) => {
          const before = frames.slice(0, Math.floor((percent * frames.length) / 100))
          return Math.floor((256 * (parsed.table.length + Buffer.concat(before).length)) / total)
        })
        assert.deepEqual(parsed.seekTable, expected)
      }),
    )
  })

  it('is a frame of the same stream, so that a decoder steps over it', () => {
    fc.assert(
      fc.property(headerWord, bitrateIndexes, (word, indexes) => {
        const frames = indexes.map((index) => silentFrame(word, index))
        const table = headerFrame(tallyOf(frames), gapless)
        const { frames: found } = splitFrames(Buffer.concat([table, ...frames]))
        assert.deepEqual(
          found.map(({ bytes }) => bytes),
          [table, ...frames],
        )
      }),
    )
  })

  it('has the stream’s own bitrate if that is constant and leaves room', () => {
    const frames = [silentFrame(0xfffb0040, 9), silentFrame(0xfffb0040, 9)]
    assert.equal(headerFrame(tallyOf(frames), gapless).length, 417)
    const small = [silentFrame(0xfffb0040, 1), silentFrame(0xfffb0040, 1)]
    assert.equal(headerFrame(tallyOf(small), gapless).length, 208, '64 kbit/s are the least that suffice')
  })

  it('tells the quality of variable bitrate', () => {
    const frames = [silentFrame(0xfffb0040, 9), silentFrame(0xfffb0040, 5)]
    const parsed = parseMp3(Buffer.concat([tag, headerFrame(tallyOf(frames), { ...gapless, quality: 2 })]))
    assert.deepEqual([parsed.method, parsed.quality, parsed.bitrate], [4, 80, 64])
  })

  it('cannot be made for no frames', () => {
    assert.throws(() => headerFrame(new Tally(), gapless), /without frames/)
  })
})

describe('the ID3 tag', () => {
  const frames = [silentFrame(0xfffb0040, 9)]
  const read = (title: string) =>
    parseMp3(
      Buffer.concat([
        id3Tag({ title, sourceName: `${title}.mp4`, durationSeconds: 61.2345 }),
        headerFrame(tallyOf(frames), gapless),
      ]),
    ).tags

  for (const title of ['Holiday', 'Ünïcödé', '家族 👨‍👩‍👧 2026', 'שיעור עברית', 'محاضرة', 'x'.repeat(5000), ''])
    it(`carries ${title.slice(0, 20) || 'an empty title'} as it is`, () => {
      assert.deepEqual(read(title), { TIT2: title, TOFN: `${title}.mp4`, TLEN: '61235' })
    })

  it('carries any text, but for what no text can hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (title) => {
        assert.equal(read(title).TIT2, title.replaceAll('\0', '').replace(/^\ufeff/, ''))
      }),
    )
    assert.equal(read('half \ud83d').TIT2, 'half \ufffd')
  })
})
