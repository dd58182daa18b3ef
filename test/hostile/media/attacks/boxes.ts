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

/** The movie whose samples are shown at other times than they come. */
const withTimes = (movie: Buffer, times: Buffer): Buffer =>
  rewritten(movie, sampleTable, (content) => Buffer.concat([content, boxOf('ctts', times)]))

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

/** The movie, whose index is zlib's work and becomes so many megabytes. */
const withCompressedIndex = (movie: Buffer, megabytes: number): Buffer =>
  withMoov(movie, (content) => {
    const index = boxOf('moov', content, boxOf('free', Buffer.alloc(megabytes * 1_000_000)))
    const packed = boxOf('cmvd', words(index.length), deflateSync(index))
    return boxOf('cmov', boxOf('dcom', Buffer.from('zlib')), packed)
  })

/** The movie of JPEGs, said to be of a kind whose pictures are as large as the index says. */
function withPictureSize(movie: Buffer, pixels: number): Buffer {
  const changed = Buffer.from(movie)
  const kind = changed.indexOf('jpeg', changed.lastIndexOf('moov'))
  changed.write('rle ', kind, 'latin1')
  changed.writeUInt16BE(pixels, kind + 28)
  changed.writeUInt16BE(pixels, kind + 30)
  changed.writeUInt16BE(24, kind + 78) // bits of a pixel
  return changed
}

const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

const heard = /^\[info\]   Stream #0:1.* Audio: /
const sizes = (each: number, count: number): RegExp =>
  new RegExp(`sample_size = ${each} sample_count = ${count}$`)
const wrongChunks = /STSC entry 0 is invalid/

const tables: [what: string, type: string, content: Buffer, reaches: RegExp][] = [
  [
    'whose times say that there are 4 thousand million samples',
    'stts',
    table(1, most, 1024),
    /sample_count=4294967295, sample_duration=1024/,
  ],
  ['whose samples last for ever', 'stts', table(1, 22, most), /Too large sample offset 4294967295/],
  [
    'whose samples last a negative time',
    'stts',
    table(2, 11, 0x80000000, 11, most),
    /Too large sample offset 4294967295/,
  ],
  ['with 4 thousand million entries of times', 'stts', table(most, 1, 1024), /stts.entries = 4294967295/],
  ['with 4 thousand million sizes', 'stsz', words(0, 0, most), sizes(0, most)],
  ['of 4 thousand million samples of one size', 'stsz', words(0, 1, most), sizes(1, most)],
  ['of samples of 4 GiB', 'stsz', words(0, most, most), sizes(most, most)],
  ['with 4 thousand million chunks', 'stco', table(most, 48), /contradictionary STSC and STCO/],
  [
    'whose chunks lie behind the end',
    'stco',
    table(3, most, most - 1, 0x7fffffff),
    /stream 1, sample 0, offset ffffffff/,
  ],
  ['whose chunks hold 4 thousand million samples', 'stsc', table(1, 1, most, 1), wrongChunks],
  ['whose chunks begin in the wrong order', 'stsc', table(3, 9, 1, 1, 2, 1, 1, 0, most, most), wrongChunks],
  ['without a description', 'stsd', table(0), /invalid STSD entries 0/],
  ['of 4 thousand million descriptions', 'stsd', table(most), /invalid STSD entries -1/],
]

const others: [what: string, make: (movie: Buffer) => Buffer, reaches: RegExp][] = [
  [
    'with boxes nested ten thousand deep',
    (movie) =>
      withMoov(movie, (content) => Buffer.concat([content, nested(['mdia', 'minf', 'stbl'], 10_000)])),
    /Atoms too deeply nested/,
  ],
  [
    'that begins with boxes nested ten thousand deep',
    (movie) => Buffer.concat([nested(['moov'], 10_000), movie]),
    /Atoms too deeply nested/,
  ],
  [
    'with ten thousand empty boxes before it',
    (movie) => Buffer.concat([ftyp, ...Array.from({ length: 10_000 }, () => boxOf('free')), movie]),
    /type:'moov' parent:'root' sz: \d+ 9\d{4}/,
  ],
  [
    'with an index of unlimited size',
    (movie) =>
      Buffer.concat([
        movie.subarray(0, movie.lastIndexOf('moov') - 4),
        words(0),
        movie.subarray(movie.lastIndexOf('moov')),
      ]),
    /type:'moov' parent:'root' sz: 0 /,
  ],
  [
    'with a box of size 1 and no more',
    (movie) => Buffer.concat([ftyp, words(1), Buffer.from('free'), movie]),
    /type:'free' parent:'root' sz: \d{12}/,
  ],
  [
    'with a box of 2^63 bytes',
    (movie) => Buffer.concat([ftyp, largeBox('free', 2n ** 63n, movie)]),
    /type:'free' parent:'root' sz: 9223372036854775800/,
  ],
  [
    'with a box of 2^64-1 bytes',
    (movie) => Buffer.concat([ftyp, largeBox('mdat', 2n ** 64n - 1n, movie)]),
    /type:'mdat' parent:'root' sz: -9/,
  ],
  ['of a hundred tracks', (movie) => withTracks(movie, 49), /nb_streams:100/],
  ['of 900 tracks', (movie) => withTracks(movie, 449), /nb_streams:900/],
  ['of ten thousand tracks', (movie) => withTracks(movie, 4999), /exceeds max_streams/],
  [
    'that lasts 2^63 seconds',
    (movie) => patched(movie, ['moov', 'trak', 'mdia', 'mdhd'], 12, words(1, most - 1)),
    /^\[info\]   Stream #0:1.* 1\/1: Audio/,
  ],
  [
    'whose time has no unit',
    (movie) => patched(movie, ['moov', 'trak', 'mdia', 'mdhd'], 12, words(0, 99)),
    /Invalid mdhd time scale 0/,
  ],
  ['of version 255', (movie) => patched(movie, ['moov', 'mvhd'], 0, words(most)), heard],
  [
    'whose every time has 64 bits, all set',
    (movie) =>
      rewritten(movie, ['moov', 'trak', 'mdia', 'mdhd'], () =>
        Buffer.concat([words(0x01000000), long(0n), long(0n), words(1), long(2n ** 63n - 1n), words(0)]),
      ),
    /type:'mdhd' parent:'mdia' sz: 44/,
  ],
  [
    'that is shown a hundred times over',
    (movie) => rewritten(movie, ['moov', 'trak', 'edts', 'elst'], () => edits(100, 500)),
    /Processing st: 1, edit list 99 /,
  ],
  [
    'that is shown for ever',
    (movie) => rewritten(movie, ['moov', 'trak', 'edts', 'elst'], () => edits(50, most)),
    /Processing st: 1, edit list 49 .*duration: \d{10}/,
  ],
  [
    'whose sound begins an hour after itself',
    (movie) =>
      rewritten(movie, ['moov', 'trak', 'edts', 'elst'], () =>
        Buffer.concat([words(0, 1), words(500, 44_100 * 3600, 0x10000)]),
      ),
    /time=158760000 rate/,
  ],
  [
    'whose sound begins five thousand samples after itself',
    (movie) =>
      rewritten(movie, ['moov', 'trak', 'edts', 'elst'], () =>
        Buffer.concat([words(0, 1), words(500, 5000, 0x10000)]),
      ),
    /time=5000 rate/,
  ],
]

const ends = ['MP3', 'CORRUPT', 'TRUNCATED', 'NO_AUDIO', 'UNSUPPORTED_AUDIO', 'TOO_LONG'] as const

/** They are much alike; but one whose sound goes on for ever is something else. */
const isOneOfMany = (what: string, index: number): boolean =>
  /900/.test(what) || (index % 2 === 1 && !/for ever/.test(what))

export const boxAttacks: Attack[] = [
  ...tables.map(([what, type, content, reaches], index): Attack => ({
    what: `an MP4 ${what}`,
    filename: 'holiday.mp4',
    make: (_, good) => withTable(good['aac.mp4'], type, content),
    ends,
    reaches: [reaches],
    isSlow: isOneOfMany(what, index),
  })),
  {
    what: 'an MP4 whose pictures are shown at impossible times',
    filename: 'holiday.mp4',
    make: (_, good) => withTimes(good['aac.mp4'], table(2, most, 0x80000000, most, 0x7fffffff)),
    ends,
    reaches: [/type:'ctts' parent:'stbl'/],
  },
  ...others.map(([what, make, reaches], index): Attack => ({
    what: `an MP4 ${what}`,
    filename: 'holiday.mp4',
    make: (_, good) => make(good['aac.mp4']),
    ends,
    reaches: [reaches],
    isSlow: isOneOfMany(what, index),
  })),
  ...(['mp3.mp4', 'pcm.mov'] as const).flatMap((name) =>
    others.slice(-4).map(([what, make, reaches]): Attack => ({
      what: `the same with ${name}: ${what}`,
      filename: 'holiday.mov',
      make: (_, good) => make(good[name]),
      ends,
      reaches: [reaches],
      isSlow: name !== 'mp3.mp4' || !what.includes('five thousand samples'),
    })),
  ),
  {
    what: 'a MOV with pictures of impossible size',
    filename: 'holiday.mov',
    make: (_, good) => withPictureSize(good['pcm.mov'], 0xffff),
    ends,
    reaches: [/Picture size 65535x65535 is invalid/],
  },
  {
    what: 'a MOV with pictures of 256 million pixels',
    filename: 'holiday.mov',
    make: (_, good) => withPictureSize(good['pcm.mov'], 16_000),
    ends,
    reaches: [/Video: qtrle.* 16000x16000/],
  },
  {
    what: 'an MP4 whose index becomes 30 megabytes',
    filename: 'holiday.mp4',
    make: (_, good) => withCompressedIndex(good['aac.mp4'], 30),
    ends: ['MP3'],
    reaches: [/type:'free' parent:'moov' sz: 30000008/],
  },
  {
    what: 'an MP4 whose index becomes 500 megabytes',
    filename: 'holiday.mp4',
    make: (_, good) => withCompressedIndex(good['aac.mp4'], 500),
    ends: ['MP3'],
    reaches: [/type:'free' parent:'moov' sz: 500000008/],
    isSlow: true,
  },
  {
    what: 'an MP4 of a thousand tracks of a thousand boxes',
    filename: 'holiday.mp4',
    make: (_, good) => withMoov(good['aac.mp4'], (content) => Buffer.concat([manyTracks(), content])),
    ends,
    reaches: [/stream 998, timescale not set/],
    isSlow: true,
  },
  {
    what: 'an MP4 that is shown five thousand times over',
    filename: 'holiday.mp4',
    make: (_, good) => rewritten(good['aac.mp4'], ['moov', 'trak', 'edts', 'elst'], () => edits(5000, 500)),
    ends,
    reaches: [/Processing st: 1, edit list 4999 /],
    isSlow: true,
  },
]
