/** A job as the API shows it, as far as the page uses it. Times are ISO 8601, sizes bytes. */
export interface Job {
  id: string
  filename: string
  /** 0 while a form's bytes are on their way: only then is it not known. */
  size: number
  status: JobStatus
  /** 0 to 1 within the present step. */
  progress: number
  error?: { code: string; message: string }
  warnings: { code: string; message: string }[]
  /** Without a generation, its bytes have never come; `gone`: they have been deleted since. */
  source: { generation?: string; gone: boolean }
  /** The MP4 from an AVI, or why there is none. */
  video?: { size: number } | { skipped: string }
  target?: { size: number; durationSeconds: number; bitrate: number; copied: boolean }
  media?: {
    container: string
    audioCodec: string
    sampleRate: number
    channels: number
    durationSeconds?: number
    videoCodec?: string
  }
  attempt: number
  times: Times
  createdAt: string
  updatedAt: string
}

export type JobStatus =
  | 'UPLOADING'
  | 'ENQUEUED'
  | 'NEED_CONVERT'
  | 'NO_NEED_CONVERT'
  | 'CREATING_MP3'
  | 'MP3_COMPLETED'
  | 'FAILED'

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

export interface DeletedJob {
  id: string
  status: 'DELETED'
  updatedAt: string
}

export type JobChange = Job | DeletedJob

/** How the MP3 shall be made: kbit/s, or VBR quality (0 best, 9 smallest), or neither. */
export interface EncodingOptions {
  bitrate?: number
  quality?: number
}

export const isOver = ({ status }: Job): boolean => status === 'MP3_COMPLETED' || status === 'FAILED'

/** Its video is still stored, so that there is something to try again with. */
export const canRetry = ({ status, source }: Job): boolean =>
  status === 'FAILED' && source.generation !== undefined && !source.gone
