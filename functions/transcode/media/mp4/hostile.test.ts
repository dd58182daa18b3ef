import assert from 'node:assert/strict'
import { it } from 'node:test'
import { audioTrack } from './audio-track.ts'
import { box, children } from './boxes.ts'

it('looks at no more than a thousand boxes of one box, whoever has made millions of them', () => {
  const empty = Buffer.concat(box('free'))
  const many = Buffer.concat(Array.from({ length: 1_000_000 }, () => empty))
  assert.equal([...children(many)].length, 1000)
})

it('takes neither a description nor offsets of millions for what it has to read all of', () => {
  const handler = Buffer.concat([Buffer.alloc(8), Buffer.from('soun'), Buffer.alloc(12)])
  const entries = Buffer.concat(Array.from({ length: 1_000_000 }, () => Buffer.concat(box('mp4a'))))
  const tables = [
    ...box('stsd', Buffer.alloc(8), entries),
    ...box('stco', Buffer.alloc(8), Buffer.alloc(4_000_000)),
  ]
  const media = [...box('hdlr', handler), ...box('minf', ...box('stbl', ...tables))]
  const moov = Buffer.concat(box('moov', ...box('trak', ...box('mdia', ...media))))
  const track = audioTrack(moov)
  assert.equal(track?.sound, undefined)
  assert.equal(track?.shareBefore(1), 1)
})
