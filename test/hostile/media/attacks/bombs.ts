import { words } from '../../../../functions/transcode/media/mp4/boxes.ts'
import type { Attack } from '../attack.ts'
import { boxOf, rewritten, sampleTable, table } from '../mp4.ts'

/**
 * The movie with its first packet of sound again and again: so many samples in the tables, which all lie at the same place. Where
 * that is, its own tables say.
 */
export function repeated(movie: Buffer, times: number, size: number, duration: number): Buffer {
  const place = firstChunk(movie)
  const tables: Record<string, Buffer> = {
    stts: table(1, times, duration),
    stsz: words(0, size, times),
    stsc: table(1, 1, 1, 1),
    stco: Buffer.concat([table(times), Buffer.alloc(4 * times, words(place))]),
  }
  return withSound(movie, tables)
}

/** Without the pictures, whose tables would say the same. */
const onlySound = (movie: Buffer): Buffer => {
  const pictures = movie.indexOf('trak', movie.lastIndexOf('moov')) - 4
  const changed = Buffer.from(movie)
  changed.write('free', pictures + 4, 'latin1')
  return rewritten(changed, ['moov', 'trak', 'edts'], () => Buffer.alloc(0))
}

/** Of the last track, which is the sound's. */
const firstChunk = (movie: Buffer): number => movie.readUInt32BE(movie.lastIndexOf('stco') + 12)

/** The size of the last track's first sample. */
export function firstSize(movie: Buffer): number {
  const at = movie.lastIndexOf('stsz')
  return movie.readUInt32BE(at + 8) || movie.readUInt32BE(at + 16)
}

const hours = (count: number, secondsEach: number): number => Math.ceil((count * 3600) / secondsEach)

/** Packets of 16384 samples at 8 kHz: two seconds of silence in some dozen bytes, and each named by four. */
const flacSilence = (movie: Buffer, count: number): Buffer =>
  repeated(movie, hours(count, 16_384 / 8000), firstSize(movie), 16_384)

/** The movie with this sound in place of its own. */
const withSound = (movie: Buffer, tables: Record<string, Buffer>): Buffer =>
  Object.entries(tables).reduce(
    (bytes, [type, content]) => rewritten(bytes, [...sampleTable, type], () => content),
    onlySound(movie),
  )

/** Sound of one channel whose pieces lie by turns at the beginning and at the end of 100 kilobytes: ffmpeg reads it in as many requests. */
function jumping(movie: Buffer, jumps: number): Buffer {
  const larger = Buffer.concat([movie, boxOf('free', Buffer.alloc(100_000))])
  const places = Buffer.concat([words(movie.length + 99_000), words(firstChunk(movie))])
  return withSound(larger, {
    stts: table(1, 10 * jumps, 1),
    stsz: words(0, 4, 10 * jumps),
    stsc: table(1, 1, 10, 1),
    stco: Buffer.concat([table(jumps), Buffer.alloc(4 * jumps, places)]),
  })
}

/** One frame of MP3 a hundred times, and that again and again: nothing has to be decoded, so that it is hours in no time. */
function copied(movie: Buffer, count: number): Buffer {
  const [frames, seconds] = [100, 576 / 22_050]
  const size = firstSize(movie)
  const frame = movie.subarray(firstChunk(movie), firstChunk(movie) + size)
  // In front: what lies behind the index is moved by it.
  const start = movie.readUInt32BE(0)
  const all = boxOf('free', Buffer.alloc(frames * size, frame))
  const larger = Buffer.concat([movie.subarray(0, start), all, movie.subarray(start)])
  const chunks = hours(count, frames * seconds)
  return withSound(larger, {
    stts: table(1, frames * chunks, 576),
    stsz: words(0, size, frames * chunks),
    stsc: table(1, 1, frames, 1),
    stco: Buffer.concat([table(chunks), Buffer.alloc(4 * chunks, words(start + 8))]),
  })
}

const samples = (count: string): RegExp => new RegExp(`sample_size = \\d+ sample_count = ${count}$`)

export const bombs: Attack[] = [
  {
    what: 'an MP4 of 60 kilobytes with three hours of the same MP3',
    filename: 'holiday.mp4',
    make: (_, good) => copied(good['mp3.mp4'], 3),
    ends: ['TOO_LONG'],
    reaches: [samples('41\\d{4}')],
  },
  {
    what: 'a MOV whose sound jumps to and fro two hundred times',
    filename: 'holiday.mov',
    make: (_, good) => jumping(good['pcm.mov'], 200),
    ends: ['MP3'],
    reaches: [samples('2000')],
  },
  {
    what: 'an MP4 of a few kilobytes with three hours of silence',
    filename: 'holiday.mp4',
    make: (_, good) => flacSilence(good['flac.mp4'], 3),
    ends: ['TOO_LONG'],
    reaches: [samples('5274')],
    isSlow: true,
  },
  {
    what: 'an MP4 of 400 kilobytes with 50 hours of silence',
    filename: 'holiday.mp4',
    make: (_, good) => flacSilence(good['flac.mp4'], 50),
    ends: ['TOO_LONG'],
    reaches: [samples('87891')],
    isSlow: true,
  },
  {
    what: 'a MOV whose sound jumps to and fro',
    filename: 'holiday.mov',
    make: (_, good) => jumping(good['pcm.mov'], 100_000),
    ends: ['TOO_LONG'],
    reaches: [samples('1000000')],
    isSlow: true,
  },
]
