import { child, childrenOf } from './boxes.ts'
import { plainAac, usualVideoCodec, type Sound } from './codecs.ts'

export interface AudioTrack {
  /** How long the track says it sounds: what its edits show of it, else all of it. 0 if the fragments say so instead. */
  seconds: number
  /** Which share of its pieces begin before the byte `end` of the file; undefined if it has none. */
  shareBefore(end: number): number | undefined
  /** What sounds, if its description says all of it. */
  sound?: Sound | undefined
}

/** The first audio track of a movie, from the bytes of its moov box; undefined if there is none. */
export function audioTrack(moov: Buffer): AudioTrack | undefined {
  const movie = child(moov, 'moov')
  const movieTimescale = timing(child(movie, 'mvhd'))?.timescale
  for (const track of tracksOf(movie, 'soun')) {
    const media = child(track, 'mdia')
    const { timescale, duration } = timing(child(media, 'mdhd')) ?? { timescale: 0, duration: 0 }
    const edited = editedDuration(child(child(track, 'edts'), 'elst'))
    const seconds =
      edited && movieTimescale ? edited / movieTimescale : timescale && duration ? duration / timescale : 0
    const sampleTable = sampleTableOf(track)
    return { seconds, shareBefore: (end) => shareBefore(sampleTable, end), sound: plainAac(sampleTable) }
  }
  return undefined
}

/** How long a movie says it is, from the bytes of its moov box. */
export function movieSeconds(moov: Buffer): number | undefined {
  const { timescale, duration } = timing(child(child(moov, 'moov'), 'mvhd')) ?? { timescale: 0, duration: 0 }
  return timescale && duration ? duration / timescale : undefined
}

/** ffmpeg's name of the first video track's codec, `none` without such a track; undefined if it is not known. */
export function videoTrackCodec(moov: Buffer): string | undefined {
  const track = tracksOf(child(moov, 'moov'), 'vide').next().value
  return track ? usualVideoCodec(sampleTableOf(track)) : 'none'
}

/** The tracks whose handler is of this kind. */
function* tracksOf(movie: Buffer, kind: 'soun' | 'vide'): Generator<Buffer> {
  for (const track of childrenOf(movie, 'trak'))
    if (child(child(track, 'mdia'), 'hdlr').toString('latin1', 8, 12) === kind) yield track
}

const sampleTableOf = (track: Buffer): Buffer => child(child(child(track, 'mdia'), 'minf'), 'stbl')

/** Version 1 of a "full box" has 64-bit times, version 0 has 32-bit ones. */
const isLong = (box: Buffer): boolean => box[0] === 1

/** Of an mvhd or mdhd box. */
function timing(box: Buffer): { timescale: number; duration: number } | undefined {
  const long = isLong(box)
  if (box.length < (long ? 32 : 20)) return undefined
  const timescale = box.readUInt32BE(long ? 20 : 12)
  const duration = long ? Number(box.readBigUInt64BE(24)) : box.readUInt32BE(16)
  const unknown = duration === 0xffffffff || duration >= 2 ** 63
  return { timescale, duration: unknown ? 0 : duration }
}

/** How much of the track its edit list shows, in the movie's timescale; edits that show nothing only delay it. */
function editedDuration(elst: Buffer): number {
  const entrySize = isLong(elst) ? 20 : 12
  let total = 0
  for (let at = 8; at + entrySize <= elst.length; at += entrySize) {
    const duration = isLong(elst) ? Number(elst.readBigUInt64BE(at)) : elst.readUInt32BE(at)
    const start = isLong(elst) ? elst.readBigInt64BE(at + 8) : elst.readInt32BE(at + 4)
    if (start >= 0) total += duration
  }
  return total
}

function shareBefore(sampleTable: Buffer, end: number): number | undefined {
  const short = child(sampleTable, 'stco')
  const long = child(sampleTable, 'co64')
  let [before, all] = [0, 0]
  const count = (offset: number): void => {
    all++
    if (offset < end) before++
  }
  for (let at = 8; at + 4 <= short.length; at += 4) count(short.readUInt32BE(at))
  for (let at = 8; at + 8 <= long.length; at += 8) count(Number(long.readBigUInt64BE(at)))
  return all === 0 ? undefined : before / all
}
