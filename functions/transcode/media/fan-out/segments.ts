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
  /** How many are its own; of the last one at most. */
  frames: number
  isLast: boolean
}

const shortestSeconds = 30
// What a worker holds in memory at most: 12 MB at 320 kbit/s.
const longestSeconds = 300
// Nobody has a sound of more than a hundred hours, but anybody can upload a file that says so.
const mostFrames = 15_000_000
// A sound may go on for a while when by what the file says it has ended.
const slack = 10 * preRoll

/**
 * Cuts a length in frames into segments of equal length, for so many workers; none if that is not worth it, or too long to be
 * true. `frameSeconds` is a frame's length in seconds.
 */
export function planSegments(frames: number, frameSeconds: number, workers: number): Segment[] {
  if (frames > mostFrames) return []
  const seconds = frames * frameSeconds
  const forMemory = Math.ceil(seconds / longestSeconds / workers) * workers
  const count = Math.min(forMemory, Math.floor(seconds / shortestSeconds))
  if (count < 2) return []
  const length = Math.ceil(frames / count / preRoll) * preRoll
  const firsts = Array.from({ length: count }, (_, index) => index * length).filter(
    (first) => first + preRoll < frames,
  )
  return firsts.map((first, index) => {
    const isLast = index === firsts.length - 1
    return { first, frames: isLast ? frames - first + slack : length, isLast }
  })
}

/** How many frames a worker makes before the segment's own. */
export const framesBefore = ({ first }: Segment): number => Math.min(first, preRoll)

/** What a worker has to encode for it, in frames' worths of samples from the beginning of the sound. */
export function soundFor(segment: Segment): { from: number; length: number } {
  const before = framesBefore(segment)
  return { from: segment.first - before, length: before + segment.frames + overlap + postRoll }
}

/** What a worker has made for a segment, taken apart. */
export interface Made<Frame> {
  /** Those that the segment before has made too. */
  head: Frame[]
  own: Frame[]
  /** Those that the next segment makes too. */
  tail: Frame[]
}

/**
 * `isWhole`: whether there was as much sound as `soundFor` says. Where it has ended within the last segment, all frames are that
 * one's own. In another one that is not to be believed, and the last frames, which may be those of silence, are nobody's.
 */
export function takeApart<Frame>(segment: Segment, frames: readonly Frame[], isWhole: boolean): Made<Frame> {
  const begin = framesBefore(segment)
  const end = begin + segment.frames
  const surelySound = Math.min(end, Math.max(begin, frames.length - postRoll - flushed))
  const ownEnd = isWhole ? end : segment.isLast ? frames.length : surelySound
  return {
    head: frames.slice(begin, begin + overlap),
    own: frames.slice(begin, ownEnd),
    tail: frames.slice(end, end + overlap),
  }
}
