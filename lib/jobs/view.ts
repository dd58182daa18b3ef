import type {
  Actor,
  EncodingOptions,
  Job,
  JobStatus,
  Media,
  Mp3,
  StoredObject,
  TimelineEntry,
  Warning,
} from './job.ts'

/** A deleted job is not shown. */
export type VisibleStatus = Exclude<JobStatus, 'DELETED'>

/** A job as the API shows it. Times are ISO 8601, sizes bytes. */
export interface JobView {
  id: string
  owner: string
  filename: string
  /** 0 while a form's bytes are on their way: only then is it not known. */
  size: number
  contentType: string
  status: VisibleStatus
  /** 0 to 1 within the present step. */
  progress: number
  error?: Job['error']
  warnings: Warning[]
  /** Without a generation, its bytes have never come; `gone`: they have been deleted since. */
  source: Job['source'] & { gone: boolean }
  /** The MP4 from an AVI, or why there is none. */
  video?: StoredObject | { skipped: string } | undefined
  target?: Mp3 | undefined
  media?: Media | undefined
  options: EncodingOptions
  attempt: number
  timeline: (Actor & { at: string; status: JobStatus; attempt: number })[]
  times: JobTimes
  createdAt: string
  updatedAt: string
  expiresAt?: string | undefined
}

/** What events tell of a deleted job: nothing but that it is. */
export interface DeletedJobView {
  id: string
  status: 'DELETED'
  updatedAt: string
}

/** What the timeline tells of a job's last attempt. */
export interface JobTimes {
  start?: string | undefined
  aviToMp4?: Step | 'not AVI' | undefined
  mp4ToMp3?: Step | undefined
  totalSeconds?: number | undefined
  /** `upload@run → transcode@run`: every run that moved the job, once, in order. */
  route: string
}

/** A step of a conversion; without an end it is under way, or was broken off. */
export interface Step {
  start?: string
  end?: string
}

/** A job as lists and events show it: without what only workers need, and with the times that its timeline tells. */
export function viewJob(id: string, job: Job): JobView {
  const entries = Object.keys(job.timeline)
    .toSorted()
    .flatMap((key) => job.timeline[key] ?? [])
  return {
    id,
    owner: job.owner,
    filename: job.filename,
    size: job.size,
    contentType: job.contentType,
    // Whoever shows a job has looked for that: a deleted one is not found.
    status: job.status as VisibleStatus,
    progress: job.progress,
    ...(job.error && { error: job.error }),
    warnings: job.warnings,
    source: { ...job.source, gone: job.sourceGone ?? false },
    video: job.video,
    target: job.target && withoutWaveform(job.target),
    media: job.media,
    options: job.options,
    attempt: job.attempt,
    timeline: entries.map((entry) => ({ ...entry, at: entry.at.toISOString() })),
    times: times(entries),
    createdAt: job.createdAt.toISOString(),
    updatedAt: job.updatedAt.toISOString(),
    expiresAt: job.expiresAt?.toISOString(),
  }
}

/** A job as whoever asks for it alone sees it: with the waveform, which is longer than all the rest. */
export const viewWholeJob = (id: string, job: Job): JobView => ({ ...viewJob(id, job), target: job.target })

const withoutWaveform = ({ waveform: _waveform, ...target }: Mp3): Mp3 => target

function times(entries: TimelineEntry[]): JobTimes {
  const lastAttempt = entries.at(-1)?.attempt
  const attempt = entries.filter((entry) => entry.attempt === lastAttempt)
  const at = (status: JobStatus): string | undefined =>
    attempt.findLast((entry) => entry.status === status)?.at.toISOString()
  const start = entries[0]?.at
  const end = entries.at(-1)
  const over = end && ['MP3_COMPLETED', 'FAILED'].includes(end.status) ? end : undefined
  const encoding = step(at('CREATING_MP3'), over?.at.toISOString())
  return {
    start: start?.toISOString(),
    aviToMp4: at('NEED_CONVERT')
      ? step(at('NEED_CONVERT'), at('NO_NEED_CONVERT'))
      : at('NO_NEED_CONVERT')
        ? 'not AVI'
        : undefined,
    mp4ToMp3: encoding.start ? encoding : undefined,
    totalSeconds: start && over ? (over.at.getTime() - start.getTime()) / 1000 : undefined,
    route: route(entries),
  }
}

const step = (start: string | undefined, end: string | undefined): Step => ({
  ...(start && { start }),
  ...(end && { end }),
})

function route(entries: TimelineEntry[]): string {
  const stops = entries.map(({ function: name, instance }) => `${name}@${instance}`)
  return stops.filter((stop, index) => stop !== stops[index - 1]).join(' → ')
}
