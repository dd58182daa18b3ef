import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { FrameSplitter, isTableFrame, parseFrameHeader, type Frame } from './frames.ts'

/** A frame of the given header and random content that holds no other header. */
const frameOf = (word: number, seed: number): Buffer => {
  const header = Buffer.alloc(4)
  header.writeUInt32BE(word)
  const size = parseFrameHeader(header)?.size
  assert.ok(size)
  const frame = Buffer.from(Uint8Array.from({ length: size }, (_, at) => ((at + 1) * seed) % 255))
  header.copy(frame)
  return frame
}

// MPEG 1, layer III, no checksum, 44.1 kHz, joint stereo; the bitrate's index, 1–14, and the padding bit are free.
const arbitraryFrame = fc
  .record({
    index: fc.integer({ min: 1, max: 14 }),
    padding: fc.integer({ min: 0, max: 1 }),
    seed: fc.integer({ min: 2, max: 250 }),
  })
  .map(({ index, padding, seed }) => frameOf((0xfffb0040 | (index << 12) | (padding << 9)) >>> 0, seed))

const arbitraryStream = fc.array(arbitraryFrame, { minLength: 2, maxLength: 12 })

/** Cuts `bytes` at the given places (fractions of the whole). */
const cut = (bytes: Buffer, places: number[]): Buffer[] => {
  const at = [
    0,
    ...places.map((place) => Math.floor(place * bytes.length)).toSorted((a, b) => a - b),
    bytes.length,
  ]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

const split = (chunks: Buffer[]): { frames: Frame[]; interruptions: number } => {
  const splitter = new FrameSplitter()
  const frames = chunks.flatMap((chunk) => splitter.push(chunk))
  frames.push(...splitter.end())
  return { frames, interruptions: splitter.interruptions }
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 })

describe('frame headers', () => {
  it('are read as the standard lays them out', () => {
    const header = (hex: string) => parseFrameHeader(Buffer.from(hex, 'hex'))
    const common = { channels: 2, size: 417 }
    assert.deepEqual(header('fffb9044'), {
      version: 1,
      sampleRate: 44100,
      bitrate: 128,
      samples: 1152,
      sideInfoSize: 32,
      ...common,
    })
    assert.equal(header('fffb9244')?.size, 418, 'with padding')
    assert.deepEqual(header('fff384c4'), {
      ...{ version: 2, sampleRate: 24000, bitrate: 64, channels: 1 },
      ...{ samples: 576, sideInfoSize: 9, size: 192 },
    })
    assert.deepEqual(header('ffe318c4'), {
      ...{ version: 2.5, sampleRate: 8000, bitrate: 8, channels: 1 },
      ...{ samples: 576, sideInfoSize: 9, size: 72 },
    })
  })

  for (const [what, hex] of [
    ['no sync', 'fedb9044'],
    ['reserved version', 'ffeb9044'],
    ['layer II', 'fffd9044'],
    ['free bitrate', 'fffb0044'],
    ['forbidden bitrate', 'fffbf044'],
    ['reserved sample rate', 'fffb9c44'],
    ['too few bytes', 'fffb90'],
  ] as const)
    it(`are not seen in ${what}`, () => assert.equal(parseFrameHeader(Buffer.from(hex, 'hex')), undefined))
})

describe('a frame splitter', () => {
  it('finds the same frames however the bytes arrive', () => {
    fc.assert(
      fc.property(arbitraryStream, places, (stream, where) => {
        const { frames, interruptions } = split(cut(Buffer.concat(stream), where))
        assert.deepEqual(
          frames.map(({ bytes }) => bytes),
          stream,
        )
        assert.equal(interruptions, 0)
      }),
    )
  })

  it('steps over what is no frame, counts how often, and does not depend on how the bytes arrive', () => {
    const junk = fc.integer({ min: 5, max: 3000 }).map((length) => Buffer.alloc(length, 0x55))
    fc.assert(
      fc.property(arbitraryStream, junk, arbitraryStream, places, (before, noise, after, where) => {
        const bytes = Buffer.concat([noise, ...before, noise, ...after, noise.subarray(0, 3)])
        const { frames, interruptions } = split(cut(bytes, where))
        assert.deepEqual(
          frames.map((frame) => frame.bytes),
          [...before, ...after],
        )
        assert.equal(interruptions, 1)
      }),
    )
  })

  it('drops a last frame that is not whole', () => {
    fc.assert(
      fc.property(arbitraryStream, fc.integer({ min: 1, max: 100 }), (stream, missing) => {
        const { frames } = split([Buffer.concat(stream).subarray(0, -missing)])
        assert.deepEqual(
          frames.map(({ bytes }) => bytes),
          stream.slice(0, -1),
        )
      }),
    )
  })

  it('takes a single frame, alone in its stream', () => {
    const frame = frameOf(0xfffb9044, 7)
    assert.deepEqual(
      split([frame]).frames.map(({ bytes }) => bytes),
      [frame],
    )
  })

  it('never takes a frame of another sample rate for the stream’s own', () => {
    const [ours, other] = [frameOf(0xfffb9044, 7), frameOf(0xfffb9444, 7)]
    assert.equal(split([Buffer.concat([ours, ours, other, ours, ours])]).frames.length, 4)
  })

  it('knows table frames', () => {
    const sound = { header: parseFrameHeader(frameOf(0xfffb9044, 7)), bytes: frameOf(0xfffb9044, 7) }
    assert.ok(sound.header)
    const { header } = sound
    const marked = (mark: string, at: number): Frame => {
      const bytes = Buffer.from(sound.bytes)
      bytes.write(mark, at, 'latin1')
      return { header, bytes }
    }
    assert.equal(isTableFrame({ header, bytes: sound.bytes }), false)
    assert.equal(isTableFrame(marked('Xing', 36)), true)
    assert.equal(isTableFrame(marked('Info', 36)), true)
    assert.equal(isTableFrame(marked('VBRI', 36)), true)
  })
})
