import { child, children, childrenOf } from './boxes.ts'
import type { Sample } from './fragment.ts'

export interface ParsedTrack {
  /** Of the whole media, in the track's timescale. */
  mediaDuration: number
  /** In the movie's timescale. */
  shownDuration: number
  edits: { duration: number; mediaTime: number }[]
  samples: (Sample & { bytes: Buffer })[]
}

export interface ParsedMovie {
  /** The types of the outermost boxes. */
  boxes: string[]
  /** In the movie's timescale. */
  duration: number
  tracks: ParsedTrack[]
}

/** What a player finds in an ordinary MP4 whose headers have 64-bit times. */
export function parseMovie(mp4: Buffer): ParsedMovie {
  const moov = child(mp4, 'moov')
  return {
    boxes: [...children(mp4)].map(({ type }) => type),
    duration: Number(child(moov, 'mvhd').readBigUInt64BE(24)),
    tracks: [...childrenOf(moov, 'trak')].map((trak) => parseTrack(mp4, trak)),
  }
}

function parseTrack(mp4: Buffer, trak: Buffer): ParsedTrack {
  const tkhd = child(trak, 'tkhd')
  const mdia = child(trak, 'mdia')
  const elst = child(child(trak, 'edts'), 'elst')
  const edits = Array.from({ length: elst.length > 0 ? elst.readUInt32BE(4) : 0 }, (_, index) => ({
    duration: Number(elst.readBigUInt64BE(8 + 20 * index)),
    mediaTime: Number(elst.readBigInt64BE(16 + 20 * index)),
  }))
  return {
    mediaDuration: Number(child(mdia, 'mdhd').readBigUInt64BE(24)),
    shownDuration: Number(tkhd.readBigUInt64BE(28)),
    edits,
    samples: parseSamples(mp4, child(child(mdia, 'minf'), 'stbl')),
  }
}

function parseSamples(mp4: Buffer, stbl: Buffer): ParsedTrack['samples'] {
  const durations = runs(child(stbl, 'stts'))
  const offsets = runs(child(stbl, 'ctts'))
  const [, , ...sizes] = numbers(child(stbl, 'stsz'))
  const starts = sampleStarts(stbl, sizes)
  const isSigned = child(stbl, 'ctts')[0] === 1
  const [, ...syncSamples] = numbers(child(stbl, 'stss'))
  const isAllSync = child(stbl, 'stss').length === 0
  return sizes.map((size, index) => {
    const start = starts[index] ?? NaN
    return {
      size,
      duration: durations[index] ?? NaN,
      compositionOffset: isSigned ? (offsets[index] ?? 0) | 0 : (offsets[index] ?? 0),
      isSync: isAllSync || syncSamples.includes(index + 1),
      bytes: mp4.subarray(start, start + size),
    }
  })
}

/** Where each sample begins: one behind the other in its chunk. */
function sampleStarts(stbl: Buffer, sizes: number[]): number[] {
  const [, ...perChunk] = numbers(child(stbl, 'stsc'))
  const [count = 0, ...halves] = numbers(child(stbl, 'co64'))
  const starts: number[] = []
  let samples = 0
  for (let chunk = 1; chunk <= count; chunk++) {
    // Each entry: from which chunk on, how many samples, how they are described.
    const entry = perChunk.findIndex((first, index) => index % 3 === 0 && first === chunk)
    if (entry >= 0) samples = perChunk[entry + 1] ?? NaN
    let at = (halves[2 * chunk - 2] ?? NaN) * 2 ** 32 + (halves[2 * chunk - 1] ?? NaN)
    for (let left = samples; left > 0; left--) {
      starts.push(at)
      at += sizes[starts.length - 1] ?? NaN
    }
  }
  return starts
}

/** All 32-bit numbers of a box but its version and flags. */
const numbers = (box: Buffer): number[] =>
  Array.from({ length: Math.max(0, box.length / 4 - 1) }, (_, index) => box.readUInt32BE(4 + 4 * index))

/** The numbers of a table of pairs: how many times, which number. */
function runs(table: Buffer): number[] {
  const [, ...pairs] = numbers(table)
  return pairs.flatMap((count, index) =>
    index % 2 === 0 ? Array<number>(count).fill(pairs[index + 1] ?? NaN) : [],
  )
}
