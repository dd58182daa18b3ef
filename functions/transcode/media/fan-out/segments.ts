// In MP3 frames. A frame depends on the sound before it, through the encoder's psychoacoustic model and its judgement of
// loudness, and on a little of what follows. So a segment begins early, and ends late, by frames that are not its own. 49 are
// also the frames after which the pattern repeats in which an encoder pads frames at 44.1, 22.05 and 11.025 kHz: segments that
// begin at multiples of it pad as a single run does.
export const preRoll = 49
/** So many frames of a segment are made by the segment before it as well, to be compared. */
export const overlap = 8
export const postRoll = 3
// At the end of the sound an encoder makes at most so many frames more than the sound fills.
const flushed = 3

/** A part of an MP3, counted in its frames. */
export interface Segment {
  /** Index of its first own frame. */
  first: number
  /** How many are its own; undefined for the last segment, which goes on to the end of the sound. */
  frames?: number
}

const shortestSeconds = 30
// What a worker holds in memory at most: 12 MB at 320 kbit/s.
const longestSeconds = 300

/**
 * Cuts a length in frames into segments of equal length, for so many workers; a single one if they would be too short to be
 * worth it. `frameSeconds` is a frame's length in seconds.
 */
export function planSegments(frames: number, frameSeconds: number, workers: number): Segment[] {
  const seconds = frames * frameSeconds
  const forMemory = Math.ceil(seconds / longestSeconds / workers) * workers
  const count = Math.min(forMemory, Math.floor(seconds / shortestSeconds))
  if (count < 2) return [{ first: 0 }]
  const length = Math.ceil(frames / count / preRoll) * preRoll
  const firsts = Array.from({ length: count }, (_, index) => index * length).filter(
    (first, index) => index === 0 || first + preRoll < frames,
  )
  return firsts.map((first, index) => (index === firsts.length - 1 ? { first } : { first, frames: length }))
}

/** How many frames a worker makes before the segment's own. */
export const framesBefore = ({ first }: Segment): number => Math.min(first, preRoll)

/** What a worker has to encode for it, in frames' worths of samples from the beginning of the sound. */
export function soundFor(segment: Segment): { from: number; length?: number } {
  const before = framesBefore(segment)
  const from = segment.first - before
  return segment.frames === undefined
    ? { from }
    : { from, length: before + segment.frames + overlap + postRoll }
}

/** What a worker has made for a segment, taken apart. */
export interface Made<Frame> {
  /** Those that the segment before has made too. */
  head: Frame[]
  own: Frame[]
  /** Those that the next segment makes too. */
  tail: Frame[]
  /** Whether the sound ended before the segment did. Then the last frames are not in `own`: they may be those of silence. */
  endsEarly: boolean
}

export function takeApart<Frame>(segment: Segment, frames: readonly Frame[]): Made<Frame> {
  const begin = framesBefore(segment)
  const head = frames.slice(begin, begin + overlap)
  if (segment.frames === undefined) return { head, own: frames.slice(begin), tail: [], endsEarly: false }
  const end = begin + segment.frames
  const endsEarly = frames.length < end + overlap + postRoll
  const sound = endsEarly ? Math.max(begin, frames.length - postRoll - flushed) : end
  return {
    head,
    own: frames.slice(begin, Math.min(end, sound)),
    tail: frames.slice(end, end + overlap),
    endsEarly,
  }
}
