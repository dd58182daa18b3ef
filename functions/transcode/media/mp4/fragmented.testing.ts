import { box, words } from './boxes.ts'
import type { Sample } from './fragment.ts'

export interface MadeRun {
  track: number
  decodeTime: number
  samples: Sample[]
}

export interface MadeMovie {
  /** Of all tracks; the movie's is 1000. */
  timescale?: number
  tracks?: number[]
  /** Where in their media all tracks begin to be shown; undefined without an edit list. */
  mediaTime?: number
  /** Each: runs of samples, at most one a track. */
  fragments: MadeRun[][]
}

export const sample = (size: number, rest: Partial<Sample> = {}): Sample => ({
  duration: 10,
  size,
  compositionOffset: 0,
  isSync: true,
  ...rest,
})

/** A fragmented MP4 as ffmpeg writes it. The bytes of each sample are its number, over all. */
export function fragmented({ timescale = 1000, tracks = [1], mediaTime, fragments }: MadeMovie): Buffer {
  const traks = tracks.map((id) => trak(id, timescale, mediaTime))
  const mvex = whole('mvex', ...tracks.map((id) => whole('trex', words(0, id, 1, 0, 0, 0))))
  const moov = whole('moov', whole('mvhd', words(0, 0, 0, 1000, 0, 0x10000)), ...traks, mvex)
  let count = 0
  const bodies = fragments.map((runs) => {
    const data = runs.flatMap(({ samples }) => samples.map(({ size }) => Buffer.alloc(size, ++count)))
    return Buffer.concat([moofOf(runs), whole('mdat', ...data)])
  })
  return Buffer.concat([whole('ftyp', Buffer.from('iso5')), moov, ...bodies])
}

/** A box in one piece. */
export const whole = (type: string, ...content: Buffer[]): Buffer => Buffer.concat(box(type, ...content))

function trak(id: number, timescale: number, mediaTime: number | undefined): Buffer {
  const edit =
    mediaTime === undefined ? [] : [whole('edts', whole('elst', words(0, 1, 0, mediaTime, 0x10000)))]
  const empty = ['stts', 'stsc', 'stco'].map((type) => whole(type, words(0, 0)))
  const stbl = whole('stbl', whole('stsd', words(0, 0)), ...empty, whole('stsz', words(0, 0, 0)))
  const mdhd = whole('mdhd', words(0, 0, 0, timescale, 0, 0x55c40000))
  const tkhd = whole('tkhd', words(3, 0, 0, id, 0, 0, 0, 0))
  return whole('trak', tkhd, ...edit, whole('mdia', mdhd, whole('minf', stbl)))
}

function moofOf(runs: MadeRun[]): Buffer {
  const moof = (dataOffsets: number[]): Buffer =>
    whole('moof', whole('mfhd', words(0, 1)), ...runs.map((run, index) => traf(run, dataOffsets[index] ?? 0)))
  let at = moof([]).length + 8
  const dataOffsets = runs.map(({ samples }) => {
    const start = at
    at += samples.reduce((total, { size }) => total + size, 0)
    return start
  })
  return moof(dataOffsets)
}

/** Every field of every sample by itself: what real ones leave to their defaults real ones test. */
function traf({ track, decodeTime, samples }: MadeRun, dataOffset: number): Buffer {
  const isSigned = samples.some(({ compositionOffset }) => compositionOffset < 0)
  const fields = samples.flatMap(({ duration, size, compositionOffset, isSync }) => [
    ...[duration, size, isSync ? 0 : 0x10000, compositionOffset >>> 0],
  ])
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(decodeTime))
  return whole(
    'traf',
    whole('tfhd', words(0x20038, track, 0, 0, 0)),
    whole('tfdt', words(1 << 24), time),
    whole('trun', words((isSigned ? 1 << 24 : 0) | 0xf01, samples.length, dataOffset, ...fields)),
  )
}
