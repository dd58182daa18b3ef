import type { JobStatus } from '../lib/jobs/job.ts'

/** A job as the API shows it, as far as the command line uses it. Times are ISO 8601, sizes bytes. */
export interface Job {
  id: string
  status: JobStatus
  /** 0 to 1 within the present step. */
  progress: number
  error?: { code: string; message: string }
  warnings: { code: string; message: string }[]
  /** The MP4 from an AVI, or why there is none. */
  video?: { size: number } | { skipped: string }
  target?: { size: number; durationSeconds: number; bitrate: number; copied: boolean }
  attempt: number
  times: Times
}

/** A step of a conversion; without an end it is under way, or was broken off. */
export interface Step {
  start?: string
  end?: string
}

export interface Times {
  start?: string
  aviToMp4?: Step | 'not AVI'
  mp4ToMp3?: Step
  totalSeconds?: number
  route: string
}

/** What the events tell: of a deleted job nothing but that it is. */
export type JobChange = Job | { id: string; status: 'DELETED' }
