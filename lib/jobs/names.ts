import { createHash } from 'node:crypto'
import { v5 as uuidv5, v7 as uuidv7, validate, version } from 'uuid'

/** A new job's id: a UUIDv7, so that ids sort by time. */
export const newJobId = (): string => uuidv7()

const keyed = 'f5d2a0f4-3a0e-5a3c-8f0b-6f6f1f0b7c11'

/** The id of the job that requests with this Idempotency-Key make: the same each time, and each account's own. */
export const keyedJobId = (owner: string, key: string): string => uuidv5(`${owner} ${key}`, keyed)

export const isJobId = (text: string): boolean => validate(text) && [5, 7].includes(version(text))

/**
 * The id of the job for an object that came into the source bucket by itself: the same for every delivery of its event.
 * A UUIDv7 with the object's creation as its time and SHA-256 of bucket/name#generation for the rest.
 */
export function adoptedJobId(object: {
  bucket: string
  name: string
  generation: string
  timeCreated: Date
}): string {
  const hash = createHash('sha256').update(`${object.bucket}/${object.name}#${object.generation}`).digest()
  return uuidv7({
    msecs: object.timeCreated.getTime(),
    seq: hash.readUInt32BE(16),
    random: hash.subarray(0, 16),
  })
}

const sourcePrefix = 'uploads/'

/** Where an upload through the API lands in the source bucket. */
export const sourceName = (jobId: string): string => sourcePrefix + jobId

/** The job whose upload this object of the source bucket is; undefined for objects that came by themselves. */
export function jobOfSource(objectName: string): string | undefined {
  const id = objectName.startsWith(sourcePrefix) ? objectName.slice(sourcePrefix.length) : ''
  return isJobId(id) ? id : undefined
}

export const mp3Name = (jobId: string): string => `${jobId}.mp3`
export const mp4Name = (jobId: string): string => `${jobId}.mp4`

/** Everything that attempts left half done; with an attempt, what that one writes. */
export const partsPrefix = (jobId: string, attempt?: number): string =>
  `parts/${jobId}/${attempt === undefined ? '' : `${attempt}/`}`

/** A file's name with another extension: `holiday.avi` → `holiday.mp3`. */
export function renamed(filename: string, extension: string): string {
  const dot = filename.lastIndexOf('.')
  return (dot > 0 ? filename.slice(0, dot) : filename) + extension
}

/** Twice what file systems take. In a signed URL a name is encoded twice: of some thousand bytes it would be one that no server takes. */
const mostBytes = 512

/** The same as the name of a file that somebody saves: not too long, and cut within no character. */
export function savedAs(filename: string, extension: string): string {
  const whole = renamed(filename, '')
  let length = 0
  let bytes = Buffer.byteLength(extension)
  for (const character of whole) {
    bytes += Buffer.byteLength(character)
    if (bytes > mostBytes) break
    length += character.length
  }
  return whole.slice(0, length) + extension
}
