import { deflateSync } from 'node:zlib'
import { words } from '../../../../functions/transcode/media/mp4/boxes.ts'
import type { Attack, Lure } from '../attack.ts'
import { boxOf, ftyp, rewritten } from '../mp4.ts'

const dataReference = ['moov', 'trak', 'mdia', 'minf', 'dinf', 'dref']

/** The movie, with its sound and pictures elsewhere than "in this file" (flag 1). */
const elsewhere = (movie: Buffer, ...entries: Buffer[]): Buffer =>
  rewritten(movie, dataReference, () => Buffer.concat([words(0, entries.length), ...entries]))

const urlEntry = (address: string): Buffer => boxOf('url ', words(0), Buffer.from(`${address}\0`))
const urnEntry = (address: string): Buffer => boxOf('urn ', words(0), Buffer.from(`urn:x\0${address}\0`))

/** A Macintosh alias: a fixed part with volume and file name, then fields of a type and a length each. */
function alias(type: 'alis' | 'rsrc', path: string): Buffer {
  const fixed = Buffer.alloc(150)
  fixed.writeUInt16BE(2, 6)
  fixed.write('\x04disk', 10, 'latin1')
  fixed.write(`\x06secret`, 50, 'latin1')
  fixed.writeUInt16BE(1, 130) // levels up
  fixed.writeUInt16BE(1, 132) // and down
  const field = (kind: number, text: string): Buffer => {
    const head = Buffer.alloc(4)
    head.writeUInt16BE(kind, 0)
    head.writeUInt16BE(text.length, 2)
    return Buffer.concat([head, Buffer.from(text), Buffer.alloc(text.length % 2)])
  }
  const [unixPath, hfsPath] = [18, 2]
  const end = Buffer.from('ffff0000', 'hex')
  return boxOf(type, words(0), fixed, field(hfsPath, path), field(unixPath, path), end)
}

/** A movie that only says where the real one is. */
const referenceMovie = (...references: Buffer[]): Buffer =>
  Buffer.concat([
    ftyp,
    boxOf('moov', boxOf('rmra', ...references.map((reference) => boxOf('rmda', reference)))),
  ])

const address = (type: string, content: string): Buffer =>
  boxOf('rdrf', words(0), Buffer.from(type), words(content.length + 1), Buffer.from(`${content}\0`))

/** The movie with its index compressed. */
function compressed(movie: Buffer): Buffer {
  return rewritten(movie, ['moov'], (content) => {
    const index = boxOf('moov', content)
    const packed = boxOf('cmvd', words(index.length), deflateSync(index))
    return boxOf('cmov', boxOf('dcom', Buffer.from('zlib')), packed)
  })
}

/** ffmpeg takes the four letters for a little-endian number. */
const elsewhereBy = (kind: string): RegExp =>
  new RegExp(`Unknown dref type 0x${Buffer.from(kind, 'latin1').readUInt32LE().toString(16)} size (?!12$)`)
const behindAlias = /Skipped opening external track: stream 1, alias: path='/

const references: [what: string, make: (lure: Lure, movie: Buffer) => Buffer, reaches: RegExp][] = [
  [
    'whose sound is at a URL',
    ({ url }, movie) => elsewhere(movie, urlEntry(`${url}/sound.mov`)),
    elsewhereBy('url '),
  ],
  [
    'whose sound is a file',
    ({ file }, movie) => elsewhere(movie, urlEntry(`file://${file}`)),
    elsewhereBy('url '),
  ],
  [
    'whose sound has a name',
    ({ file }, movie) => elsewhere(movie, urnEntry(`file://${file}`)),
    elsewhereBy('urn '),
  ],
  ['whose sound is behind an alias', ({ file }, movie) => elsewhere(movie, alias('alis', file)), behindAlias],
  [
    'whose sound is behind an alias to a URL',
    ({ url }, movie) => elsewhere(movie, alias('alis', `${url}/a.mov`)),
    behindAlias,
  ],
  [
    'whose sound is in a resource fork',
    ({ file }, movie) => elsewhere(movie, alias('rsrc', file)),
    elsewhereBy('rsrc'),
  ],
  [
    'with references of each kind, in a compressed index',
    ({ file, url }, movie) => compressed(elsewhere(movie, alias('alis', file), urlEntry(`${url}/sound.mov`))),
    behindAlias,
  ],
]

/** What is read of the file itself, in place of what it refers to, may well be sound. */
const ends = ['MP3', 'CORRUPT', 'TRUNCATED', 'NO_AUDIO', 'UNSUPPORTED_AUDIO'] as const

export const referenceAttacks: Attack[] = [
  ...references.flatMap(
    ([what, make, reaches]) =>
      [
        {
          what: `a MOV ${what}`,
          filename: 'holiday.mov',
          make: (lure, good) => make(lure, good['pcm.mov']),
          ends,
          reaches: [reaches],
          isSlow: /has a name|alias to|fork/.test(what),
        },
        {
          what: `an MP4 ${what}`,
          filename: 'holiday.mp4',
          make: (lure, good) => make(lure, good['aac.mp4']),
          ends,
          reaches: [reaches],
          isSlow: true,
        },
      ] satisfies Attack[],
  ),
  {
    what: 'a MOV that refers to movies elsewhere',
    filename: 'holiday.mov',
    make: ({ file, url }) =>
      referenceMovie(
        address('url ', `${url}/real.mov`),
        address('url ', `file://${file}`),
        address('alis', file),
      ),
    ends: ['CORRUPT', 'TRUNCATED', 'NO_AUDIO'],
    reaches: [/type:'rmra' parent:'moov'/],
  },
]
