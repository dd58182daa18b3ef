import { formatBytes } from '../../../lib/format.ts'
import { MediaError } from './media-error.ts'

// What may be made of one file. A file of kilobytes can name the same silence again and again, and so last for years: whoever
// uploads it would keep all cores busy, and fill the disk.

/** What a conversion may take and make. */
export interface Bounds {
  /** Of sound. */
  seconds: number
  /** Of the MP4 that an AVI becomes, in bytes. */
  mp4Bytes: number
  /** Of CPU time, for each process. */
  cpuSeconds: number
  /** Of what each ffmpeg says about it: every line costs time here, too. */
  logLines: number
  /** How often ffmpeg may begin to read it somewhere else. */
  requests: number
}

const hour = 3600
// Nobody has a sound of more.
const mostSeconds = 100 * hour
// The barest sound that one meets, pauses in speech, takes about a hundred bytes a second with its container.
const leastBytesPerSecond = 64
const freeSeconds = hour

// What fits MP4 is copied; other sound may grow.
const mp4Growth = 4
const mp4FreeBytes = 64 * 1024 * 1024

const freeCpuSeconds = 120
// An encoder does 70 seconds of sound in one of CPU time, on a machine of today; on a small one, perhaps 10. But hardly any sound has
// as much as there may be.
const leastSpeed = 20

// A tag can have a line for every two bytes. Of damage ffmpeg tells with a line or two for each packet.
const freeLogLines = 100_000
const leastBytesPerLine = 200

// An AVI whose sound lies behind all pictures is read in turns, picture by picture: once for the MP4, and again for the MP3. Each
// time costs two milliseconds.
const freeRequests = 20_000
const leastBytesPerRequest = 500

/** What may be made of a file of so many bytes. */
export function boundsOf(size: number): Bounds {
  const seconds = Math.min(mostSeconds, freeSeconds + size / leastBytesPerSecond)
  return {
    seconds,
    mp4Bytes: mp4FreeBytes + mp4Growth * size,
    cpuSeconds: Math.ceil(freeCpuSeconds + seconds / leastSpeed),
    logLines: freeLogLines + size / leastBytesPerLine,
    requests: freeRequests + size / leastBytesPerRequest,
  }
}

/** Throws TOO_LONG if so much sound cannot be had from a file of so many bytes. */
export function assertSoundWithin(bounds: Bounds, size: number, seconds: number): void {
  if (seconds <= bounds.seconds) return
  const hours = Math.floor((bounds.seconds / hour) * 10) / 10
  const why = bounds.seconds < mostSeconds ? `, which a file of ${formatBytes(size)} cannot hold` : ''
  throw new MediaError('TOO_LONG', `The video is too long: it goes on for more than ${hours} hours${why}.`)
}

/** Throws TOO_LONG if the MP4 of a file would be larger than it can be. */
export function assertMp4Within(bounds: Bounds, bytes: number): void {
  if (bytes <= bounds.mp4Bytes) return
  throw new MediaError('TOO_LONG', 'As an MP4 it would be many times as large as it is.')
}
