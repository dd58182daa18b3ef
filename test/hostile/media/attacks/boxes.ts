import { deflateSync } from 'node:zlib'
import { words } from '../../../../functions/transcode/media/mp4/boxes.ts'
import type { Attack } from '../attack.ts'
import { boxOf, ftyp, rewritten, sampleTable, table, withTable } from '../mp4.ts'

/** A box of each of these types within the one before, so many times over. */
function nested(types: string[], deep: number): Buffer {
  const header = 8
  const heads = Array.from({ length: deep }, (_, depth) =>
    Buffer.concat([words(header * (deep - depth)), Buffer.from(types[depth % types.length] ?? 'free')]),
  )
  return Buffer.concat(heads)
}

const largeBox = (type: string, size: bigint, content: Buffer): Buffer => {
  const long = Buffer.alloc(8)
  long.writeBigUInt64BE(size)
  return Buffer.concat([words(1), Buffer.from(type), long, content])
}

const withMoov = (movie: Buffer, change: (content: Buffer) => Buffer): Buffer =>
  rewritten(movie, ['moov'], change)

/** The movie with so many copies of its tracks. */
const withTracks = (movie: Buffer, count: number): Buffer =>
  withMoov(movie, (content) => {
    const tracks = content.subarray(content.indexOf('trak') - 4)
    return Buffer.concat([content, ...Array.from({ length: count }, () => tracks)])
  })

/** The movie with the bytes at `offset` of what every box of that path holds overwritten. */
const patched = (movie: Buffer, path: string[], offset: number, value: Buffer): Buffer =>
  rewritten(movie, path, (content) => {
    const changed = Buffer.from(content)
    value.copy(changed, offset)
    return changed
  })

const manyTracks = (): Buffer => {
  const empty = boxOf('free')
  const track = boxOf('trak', boxOf('mdia', Buffer.concat(Array.from({ length: 1000 }, () => empty))))
  return Buffer.concat(Array.from({ length: 999 }, () => track))
}

const most = 0xffffffff
const edits = (count: number, duration: number): Buffer =>
  Buffer.concat([words(0, count), ...Array.from({ length: count }, () => words(duration, 0, 0x10000))])

/** An index that is zlib's work, and says that it becomes so many megabytes. */
const compressedIndex = (megabytes: number): Buffer => {
  const size = megabytes * 1_000_000
  const packed = boxOf('cmvd', words(size), deflateSync(Buffer.alloc(size)))
  return Buffer.concat([ftyp, boxOf('moov', boxOf('cmov', boxOf('dcom', Buffer.from('zlib')), packed))])
}

const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

const tables: [what: string, type: string, ...content: Buffer[]][] = [
  ['whose times say that there are 4 thousand million samples', 'stts', table(1, most, 1024)],
  ['whose samples last for ever', 'stts', table(1, 22, most)],
  ['whose samples last a negative time', 'stts', table(2, 11, 0x80000000, 11, most)],
  ['with 4 thousand million entries of times', 'stts', table(most, 1, 1024)],
  ['with 4 thousand million sizes', 'stsz', words(0, 0, most)],
  ['of 4 thousand million samples of one size', 'stsz', words(0, 1, most)],
  ['of samples of 4 GiB', 'stsz', words(0, most, most)],
  ['with 4 thousand million chunks', 'stco', table(most, 48)],
  ['whose chunks lie behind the end', 'stco', table(3, most, most - 1, 0x7fffffff)],
  ['whose chunks hold 4 thousand million samples', 'stsc', table(1, 1, most, 1)],
  ['whose chunks begin in the wrong order', 'stsc', table(3, 9, 1, 1, 2, 1, 1, 0, most, most)],
  ['whose pictures are shown at impossible times', 'ctts', table(2, most, 0x80000000, most, 0x7fffffff)],
  ['without a description', 'stsd', table(0)],
  ['of 4 thousand million descriptions', 'stsd', table(most)],
]

const others: [what: string, make: (movie: Buffer) => Buffer][] = [
  [
    'with boxes nested ten thousand deep',
    (movie) =>
      withMoov(movie, (content) =>
        Buffer.concat([content, nested(['udta', 'meta', 'trak', 'mdia'], 10_000)]),
      ),
  ],
  [
    'that begins with boxes nested ten thousand deep',
    (movie) => Buffer.concat([nested(['moov'], 10_000), movie]),
  ],
  [
    'with ten thousand empty boxes before it',
    (movie) => Buffer.concat([ftyp, ...Array.from({ length: 10_000 }, () => boxOf('free')), movie]),
  ],
  [
    'with an index of unlimited size',
    (movie) =>
      Buffer.concat([
        movie.subarray(0, movie.lastIndexOf('moov') - 4),
        words(0),
        movie.subarray(movie.lastIndexOf('moov')),
      ]),
  ],
  [
    'with a box of size 1 and no more',
    (movie) => Buffer.concat([ftyp, words(1), Buffer.from('free'), movie]),
  ],
  ['with a box of 2^63 bytes', (movie) => Buffer.concat([ftyp, largeBox('free', 2n ** 63n, movie)])],
  ['with a box of 2^64-1 bytes', (movie) => Buffer.concat([ftyp, largeBox('mdat', 2n ** 64n - 1n, movie)])],
  ['of a hundred tracks', (movie) => withTracks(movie, 50)],
  ['of ten thousand tracks', (movie) => withTracks(movie, 5000)],
  [
    'with giant dimensions',
    (movie) =>
      patched(
        patched(movie, ['moov', 'trak', 'tkhd'], 76, words(most, most)),
        [...sampleTable, 'stsd'],
        8 + 8 + 24,
        words(most),
      ),
  ],
  [
    'that lasts 2^63 seconds',
    (movie) => patched(movie, ['moov', 'trak', 'mdia', 'mdhd'], 12, words(1, most - 1)),
  ],
  ['whose time has no unit', (movie) => patched(movie, ['moov', 'trak', 'mdia', 'mdhd'], 12, words(0, 99))],
  ['of version 255', (movie) => patched(movie, ['moov', 'mvhd'], 0, words(most))],
  [
    'whose every time has 64 bits, all set',
    (movie) =>
      rewritten(movie, ['moov', 'trak', 'mdia', 'mdhd'], () =>
        Buffer.concat([words(0x01000000), long(0n), long(0n), words(1), long(2n ** 63n - 1n), words(0)]),
      ),
  ],
  [
    'that is shown a hundred times over',
    (movie) => rewritten(movie, ['moov', 'trak', 'edts', 'elst'], () => edits(100, 500)),
  ],
  [
    'that is shown for ever',
    (movie) => rewritten(movie, ['moov', 'trak', 'edts', 'elst'], () => edits(50, most)),
  ],
  [
    'whose sound begins an hour after itself',
    (movie) =>
      rewritten(movie, ['moov', 'trak', 'edts', 'elst'], () =>
        Buffer.concat([words(0, 1), words(500, 44_100 * 3600, 0x10000)]),
      ),
  ],
  [
    'whose sound begins five thousand samples after itself',
    (movie) =>
      rewritten(movie, ['moov', 'trak', 'edts', 'elst'], () =>
        Buffer.concat([words(0, 1), words(500, 5000, 0x10000)]),
      ),
  ],
]

const ends = ['MP3', 'CORRUPT', 'TRUNCATED', 'NO_AUDIO', 'UNSUPPORTED_AUDIO', 'TOO_LONG'] as const

/** They are much alike. */
const everySecond = (index: number): boolean => index % 2 === 1

export const boxAttacks: Attack[] = [
  ...tables.map(([what, type, ...content], index): Attack => ({
    what: `an MP4 ${what}`,
    filename: 'holiday.mp4',
    make: (_, good) => withTable(good['aac.mp4'], type, ...content),
    ends,
    isSlow: everySecond(index),
  })),
  ...others.map(([what, make], index): Attack => ({
    what: `an MP4 ${what}`,
    filename: 'holiday.mp4',
    make: (_, good) => make(good['aac.mp4']),
    ends,
    isSlow: everySecond(index),
  })),
  ...['mp3.mp4', 'pcm.mov'].flatMap((name) =>
    others.slice(-4).map(([what, make]): Attack => ({
      what: `the same with ${name}: ${what}`,
      filename: 'holiday.mov',
      make: (_, good) => make(name === 'mp3.mp4' ? good['mp3.mp4'] : good['pcm.mov']),
      ends,
      isSlow: name !== 'mp3.mp4' || !what.includes('five thousand samples'),
    })),
  ),
  {
    what: 'an MP4 whose index becomes 30 megabytes',
    filename: 'holiday.mp4',
    make: () => compressedIndex(30),
    ends: ['CORRUPT', 'TRUNCATED', 'NO_AUDIO'],
  },
  {
    what: 'an MP4 whose index becomes a gigabyte',
    filename: 'holiday.mp4',
    make: () => compressedIndex(1000),
    ends: ['CORRUPT', 'TRUNCATED', 'NO_AUDIO'],
    isSlow: true,
  },
  {
    what: 'an MP4 of a thousand tracks of a thousand boxes',
    filename: 'holiday.mp4',
    make: (_, good) => withMoov(good['aac.mp4'], (content) => Buffer.concat([manyTracks(), content])),
    ends,
    isSlow: true,
  },
  {
    what: 'an MP4 that is shown five thousand times over',
    filename: 'holiday.mp4',
    make: (_, good) => rewritten(good['aac.mp4'], ['moov', 'trak', 'edts', 'elst'], () => edits(5000, 500)),
    ends,
    isSlow: true,
  },
]
