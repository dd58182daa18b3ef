import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { PcmCutter, pieceFrames, type Piece } from './pcm-pieces.ts'

// A frame is four bytes here, which hold its number.
const frameBytes = 4
const pcm = (frames: number): Buffer => {
  const bytes = Buffer.alloc(frames * frameBytes)
  for (let frame = 0; frame < frames; frame++) bytes.writeUInt32BE(frame, frame * frameBytes)
  return bytes
}
const framesOf = ({ pcm: chunks }: Piece): number[] => {
  const bytes = Buffer.concat(chunks)
  return Array.from({ length: bytes.length / frameBytes }, (_, at) => bytes.readUInt32BE(at * frameBytes))
}

function cut(sound: Buffer, first: number, chunkBytes: number): Piece[] {
  const cutter = new PcmCutter(frameBytes, first)
  const pieces: Piece[] = []
  for (let at = 0; at < sound.length; at += chunkBytes)
    pieces.push(...cutter.push(sound.subarray(at, at + chunkBytes)))
  const rest = cutter.end()
  assert.equal(cutter.bytes, sound.length)
  return rest ? [...pieces, rest] : pieces
}

it('gives every frame to one piece, from the first that is asked for, whatever the chunks', () => {
  fc.assert(
    fc.property(
      fc.nat(3000),
      fc.nat(2000),
      fc.integer({ min: 1, max: 5000 }),
      (frames, first, chunkBytes) => {
        const pieces = cut(pcm(frames), first, chunkBytes)
        const own = pieces.flatMap((piece) =>
          framesOf(piece).slice(piece.skip, piece.own === undefined ? undefined : piece.skip + piece.own),
        )
        assert.deepEqual(
          own,
          Array.from({ length: Math.max(0, frames - first) }, (_, at) => first + at),
        )
        for (const { own: count } of pieces.slice(0, -1)) assert.equal(count, pieceFrames)
      },
    ),
    { numRuns: 50 },
  )
})

it('puts before a piece, and behind it, what an encoder needs to hear', () => {
  const [first, second, last] = cut(pcm(1200), 0, 700)
  assert.ok(first && second && last)
  assert.deepEqual([first.skip, second.skip, last.skip], [0, 8, 8])
  assert.equal(framesOf(first).at(-1), pieceFrames + 2)
  assert.equal(framesOf(second)[0], pieceFrames - 8)
  assert.equal(last.own, undefined)
})

it('makes no piece of no sound', () => {
  assert.deepEqual(cut(pcm(0), 0, 100), [])
})
