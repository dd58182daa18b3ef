import * as z from 'zod'
import type { Collection } from '../collection.ts'
import type { Topic } from '../functions.ts'
import type { JobErrorCode, JobWarningCode } from '../problems.ts'

export const jobStatuses = [
  'UPLOADING',
  'ENQUEUED',
  'NEED_CONVERT',
  'NO_NEED_CONVERT',
  'CREATING_MP3',
  'MP3_COMPLETED',
  'FAILED',
  'DELETED',
] as const
export type JobStatus = (typeof jobStatuses)[number]

/** How the MP3 shall be made: a constant bitrate, or a variable one by quality (0 best, 9 smallest), or neither: the default. */
export const encodingOptions = z
  .strictObject({
    bitrate: z
      .int('must be a whole number of kbit/s')
      .min(64, 'must be at least 64 kbit/s')
      .max(320, 'must be at most 320 kbit/s')
      .optional(),
    quality: z
      .int('must be a whole number from 0 (best) to 9 (smallest)')
      .min(0, 'must be at least 0 (best)')
      .max(9, 'must be at most 9 (smallest)')
      .optional(),
  })
  .refine((options) => options.bitrate === undefined || options.quality === undefined, {
    message: 'cannot be given together with bitrate: choose one of the two',
    path: ['quality'],
  })
export type EncodingOptions = z.infer<typeof encodingOptions>

export interface StoredObject {
  bucket: string
  name: string
  generation: string
  /** Bytes. */
  size: number
}

/** What the transcoder found in the source. */
export interface Media {
  container: string
  audioCodec: string
  /** Hz. */
  sampleRate: number
  channels: number
  /** Absent where the file does not say. */
  durationSeconds?: number
  videoCodec?: string
}

export interface Mp3 extends StoredObject {
  durationSeconds: number
  samples: number
  /** Average, kbit/s. */
  bitrate: number
  /** The source's audio was MP3 and was taken over bit by bit. */
  copied: boolean
  /** How loud it is along its time, a byte for each of up to 400 stretches, as base64; MP3s of older versions have none. */
  waveform?: string | undefined
}

export interface Warning {
  code: JobWarningCode
  message: string
}

/** A message that a record's last transaction owes to a topic. */
export interface OwedMessage {
  topic: Topic
  data: Record<string, string>
}

/** Who made a job what it is now: the function, and which run of it. */
export interface Actor {
  function: string
  instance: string
}

export interface TimelineEntry extends Actor {
  at: Date
  status: JobStatus
  attempt: number
}

export interface Job {
  /** The user's id. */
  owner: string
  filename: string
  /** Bytes, as far as it is known. */
  size: number
  contentType: string
  status: JobStatus
  /** 0 to 1 within the present step. */
  progress: number
  error?: { code: JobErrorCode; message: string }
  warnings: Warning[]
  source: { bucket: string; name: string; generation?: string; size?: number }
  /** The URL to which its bytes are sent, until they are there. Whoever knows it may do so. */
  uploadSession?: string
  /** The source's own retention has ended: its object is gone. */
  sourceGone?: boolean
  video?: StoredObject | { skipped: string }
  target?: Mp3
  media?: Media
  options: EncodingOptions
  /** Keys are sequence numbers, padded with zeros so that they sort. */
  timeline: Record<string, TimelineEntry>
  /** The number of the present try; every write of a worker carries its own, and an older one is refused. */
  attempt: number
  /** The `attempt` that the present round of tries began with: an upload or a retry starts a round. */
  firstAttempt: number
  claim?: { instance: string; attempt: number; renewedAt: Date }
  outbox: OwedMessage[]
  /** What it takes up of its owner's quota (`footprint`); missing in a record that has not changed since there are quotas. */
  storedBytes?: number
  /** Whether it counts as a job that is not over; as above. */
  active?: boolean
  /** When `sweep` should look at this job. */
  dueAt?: Date
  createdAt: Date
  updatedAt: Date
  /** When the source object is deleted. */
  expiresAt?: Date
  /** When the record itself may go. Only on DELETED. */
  purgeAt?: Date
}

export const jobs: Collection<Job> = { name: 'jobs' }

export const isFinal = (status: JobStatus): boolean =>
  status === 'MP3_COMPLETED' || status === 'FAILED' || status === 'DELETED'

/** A worker holds the job. */
export const isRunning = (status: JobStatus): boolean =>
  status === 'NEED_CONVERT' || status === 'NO_NEED_CONVERT' || status === 'CREATING_MP3'
