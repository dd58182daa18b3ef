import { box, child, children, childrenOf, lengthOf, longs, words } from './boxes.ts'
import type { SampleTable } from './sample-table.ts'

/** An MP4 of fragments. */
export interface Fragmented {
  ftyp: Buffer
  moov: Buffer
  /** Bytes, all in all. */
  size: number
  /** What its fragments hold, by track. */
  tables: ReadonlyMap<number, SampleTable>
}

/**
 * What makes a fragmented MP4 an ordinary one when it stands in front of it: the movie with all its samples, and the header
 * of an mdat box, in which everything that was there before lies hidden. Throws if the movie is not as ffmpeg describes it.
 */
export function movieHead({ ftyp, moov, size, tables }: Fragmented): Buffer[] {
  const mdat = Buffer.concat([words(1), Buffer.from('mdat'), longs([16 + size])])
  const head = (shift: number): Buffer[] => [
    ftyp,
    ...changed(moov, { moov: (content) => movie(content, tables, shift) }),
    mdat,
  ]
  // Where the samples are depends on how long the head is, but not the other way round.
  return head(lengthOf(head(0)))
}

/** The track's number, from the content of its trak box. */
export const trackId = (trak: Buffer): number => inVersion0(child(trak, 'tkhd')).readUInt32BE(12)

function movie(moov: Buffer, tables: Fragmented['tables'], shift: number): Buffer[] {
  const timescale = timescaleOf(child(moov, 'mvhd'))
  const read = (trak: Buffer): Track => readTrack(trak, tables, timescale)
  const duration = Math.max(0, ...[...childrenOf(moov, 'trak')].map((trak) => read(trak).shownDuration))
  const changes = {
    mvhd: (header: Buffer) => withDuration(header, 4, duration),
    trak: (trak: Buffer) => track(trak, read(trak), shift),
  }
  return changed(moov, changes, ['mvex'])
}

/** A part of a track's media that is shown; or, at the media time -1, nothing that is shown for a while. */
interface Edit {
  /** In the movie's timescale. */
  duration: number
  /** In the track's timescale. */
  mediaTime: number
  rate: Buffer
}

interface Track {
  table: SampleTable
  edits: Edit[]
  /** In the movie's timescale. */
  shownDuration: number
}

function readTrack(trak: Buffer, tables: Fragmented['tables'], movieTimescale: number): Track {
  const table = tables.get(trackId(trak))
  if (!table) throw new Error(`Nothing is known of the samples of track ${trackId(trak)}.`)
  const timescale = timescaleOf(child(child(trak, 'mdia'), 'mdhd'))
  const edits = readEdits(child(child(trak, 'edts'), 'elst'))
  for (const edit of edits) {
    // In a movie of fragments, one that lasts 0 shows whatever there will be.
    const shown = Math.max(0, table.shownUntil - edit.mediaTime)
    if (edit.duration === 0) edit.duration = Math.ceil((shown * movieTimescale) / timescale)
  }
  return { table, edits, shownDuration: edits.reduce((total, { duration }) => total + duration, 0) }
}

const tableTypes = ['stts', 'ctts', 'stss', 'stsc', 'stsz', 'stco']

function track(trak: Buffer, { table, edits, shownDuration }: Track, shift: number): Buffer[] {
  const samples = { stbl: (old: Buffer) => [...changed(old, {}, tableTypes), ...table.boxes(shift)] }
  const media = {
    mdhd: (header: Buffer) => withDuration(header, 4, table.duration),
    minf: (old: Buffer) => changed(old, samples),
  }
  return changed(trak, {
    tkhd: (header) => withDuration(header, 8, shownDuration),
    edts: (old) => changed(old, { elst: () => writeEdits(edits) }),
    mdia: (old) => changed(old, media),
  })
}

/** The same boxes, some with another content, some left out. */
function changed(
  parent: Buffer,
  changes: Record<string, (content: Buffer) => Buffer[]>,
  leftOut: string[] = [],
): Buffer[] {
  return [...children(parent)]
    .filter(({ type }) => !leftOut.includes(type))
    .flatMap(({ type, whole, content }) => {
      const change = changes[type]
      return change ? box(type, ...change(content)) : [whole]
    })
}

/** Of an mvhd or mdhd box. */
const timescaleOf = (header: Buffer): number => inVersion0(header).readUInt32BE(12)

/**
 * The content of an mvhd, tkhd or mdhd box with this duration, in version 1, where times have 64 bits: some AVIs count time in
 * microseconds. Between when it was made and changed (which is not told) and the duration there are so many bytes.
 */
function withDuration(header: Buffer, between: 4 | 8, duration: number): Buffer[] {
  const flags = inVersion0(header).readUIntBE(1, 3)
  const rest = header.subarray(12 + between + 4)
  return [words(version1 | flags), longs([0, 0]), header.subarray(12, 12 + between), longs([duration]), rest]
}

function readEdits(elst: Buffer): Edit[] {
  if (elst.length === 0) return [{ duration: 0, mediaTime: 0, rate: words(1 << 16) }]
  const edits: Edit[] = []
  for (let at = 8; at < inVersion0(elst).length; at += 12)
    edits.push({
      duration: elst.readUInt32BE(at),
      mediaTime: elst.readInt32BE(at + 4),
      rate: elst.subarray(at + 8, at + 12),
    })
  return edits
}

const writeEdits = (edits: Edit[]): Buffer[] => [
  words(version1, edits.length),
  ...edits.flatMap(({ duration, mediaTime, rate }) => [longs([duration, mediaTime]), rate]),
]

const version1 = 1 << 24

/** Throws if times have 64 bits: ffmpeg writes them so only where they need to, and before the first fragment all are 0. */
function inVersion0(fullBox: Buffer): Buffer {
  if (fullBox[0] !== 0) throw new Error(`Version ${fullBox[0]} of a box is not expected.`)
  return fullBox
}
