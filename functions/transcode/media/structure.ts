import { aviAudioSeconds, aviMedia, riffHeaderBytes, riffSize } from './avi.ts'
import { segmentEnd } from './matroska.ts'
import { MediaError } from './media-error.ts'
import { audioTrack, movieSeconds, videoTrackCodec } from './mp4/audio-track.ts'
import { boxAt, boxHeaderBytes, type Box } from './mp4/boxes.ts'
import type { Sound } from './mp4/codecs.ts'
import { sniffBytes, type Container } from '../../../lib/sniff.ts'
import { sniff } from './sniff.ts'
import type { Media } from './probe.ts'
import { readBytes, type ReadingOptions, type Source } from './source.ts'

/** What a video's outermost structure promises, read with a few range reads. */
export interface Structure {
  container: Container
  /** Whether the file ends before its structure does. */
  truncated: boolean
  /** How long the first audio track is said to be; undefined if the structure does not say. */
  audioSeconds?: number | undefined
  /** What is in it, where that can be told without decoding any of it. */
  media?: Omit<Media, 'container'>
}

// Below this share of the file nobody would want the MP3, and decoding what is there would only take time.
const hopelessShare = 2 / 3
const mostBoxes = 64
const largestMoov = 64 * 1024 * 1024
const mostRiffs = 64

/** Throws NOT_MEDIA if the source is no video of a known container, TRUNCATED if most of it is missing or its index is. */
export async function readStructure(source: Source, options: ReadingOptions = {}): Promise<Structure> {
  const head = await readBytes(source, 0, sniffBytes - 1, options)
  const container = sniff(head)
  if (container === 'mp4' || container === 'mov') return { container, ...(await readMp4(source, options)) }
  if (container === 'avi') {
    const end = await riffsEnd(source, options)
    // A file that was never finished has placeholders for its size and its lengths alike.
    const audioSeconds = end === undefined ? undefined : aviAudioSeconds(head)
    const media = audioSeconds === undefined ? undefined : aviMedia(head)
    return { container, truncated: isTruncated(source, end), audioSeconds, ...(media && { media }) }
  }
  return { container, truncated: isTruncated(source, segmentEnd(head)) }
}

type Promises = Omit<Structure, 'container'>

async function readMp4(source: Source, options: ReadingOptions): Promise<Promises> {
  const { boxes, end } = await topLevelBoxes(source, options)
  const truncated = end > source.size
  const moov = boxes.find(({ type }) => type === 'moov')
  if (!moov) {
    if (end < source.size) return { truncated: false } // Not walked to the end: ffmpeg may find it.
    throw noIndex()
  }
  if (moov.start + moov.size > source.size) throw noIndex()
  if (moov.size > largestMoov) return { truncated }
  const index = await readBytes(source, moov.start, moov.start + moov.size - 1, options)
  const track = audioTrack(index)
  const audioSeconds = track?.seconds || undefined
  const share = truncated ? track?.shareBefore(source.size) : undefined
  if (share !== undefined && share < hopelessShare) throw brokenOff(share)
  const media = audioSeconds === undefined ? undefined : mediaOf(index, track?.sound)
  return { truncated, audioSeconds, ...(media && { media }) }
}

function mediaOf(moov: Buffer, sound: Sound | undefined): Structure['media'] {
  const videoCodec = videoTrackCodec(moov)
  const durationSeconds = movieSeconds(moov)
  if (!sound || videoCodec === undefined || durationSeconds === undefined) return undefined
  return { ...sound, durationSeconds, ...(videoCodec !== 'none' && { videoCodec }) }
}

/** The first boxes of the file, and where the last of them ends. */
async function topLevelBoxes(
  source: Source,
  options: ReadingOptions,
): Promise<{ boxes: (Box & { start: number })[]; end: number }> {
  const boxes: (Box & { start: number })[] = []
  let end = 0
  while (end < source.size && boxes.length < mostBoxes) {
    const header = await readBytes(source, end, end + boxHeaderBytes - 1, options)
    const box = boxAt(header, 0, source.size - end)
    if (!box) break
    boxes.push({ ...box, start: end })
    end += box.size
  }
  return { boxes, end }
}

/** Where the file ends by what its RIFF chunks say; undefined if the first does not say. */
async function riffsEnd(source: Source, options: ReadingOptions): Promise<number | undefined> {
  let end: number | undefined
  for (let riffs = 0; riffs < mostRiffs && (end ?? 0) < source.size; riffs++) {
    const start = end ?? 0
    const size = riffSize(await readBytes(source, start, start + riffHeaderBytes - 1, options))
    if (size === undefined) break
    end = start + size
  }
  return end
}

function isTruncated(source: Source, promised: number | undefined): boolean {
  if (promised === undefined || source.size >= promised) return false
  const share = source.size / promised
  if (share < hopelessShare) throw brokenOff(share)
  return true
}

const noIndex = (): MediaError =>
  new MediaError(
    'TRUNCATED',
    'The file is not complete: its index (moov) is missing, which is often written last. Upload it again, whole.',
  )

const brokenOff = (share: number): MediaError =>
  new MediaError(
    'TRUNCATED',
    `The file is not complete: only ${Math.floor(share * 100)} % of it is there. Upload it again, whole.`,
  )
