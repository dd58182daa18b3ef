import type { Job, JobStatus, TimelineEntry } from './job.ts'

interface Step {
  start?: string
  end?: string
}

/** A job as the API shows it: without what only workers need, and with the times that its timeline tells. */
export function viewJob(id: string, job: Job): Record<string, unknown> {
  const entries = Object.keys(job.timeline)
    .toSorted()
    .flatMap((key) => job.timeline[key] ?? [])
  return {
    id,
    owner: job.owner,
    filename: job.filename,
    size: job.size,
    contentType: job.contentType,
    status: job.status,
    progress: job.progress,
    error: job.error,
    warnings: job.warnings,
    source: { ...job.source, gone: job.sourceGone ?? false },
    video: job.video,
    target: job.target,
    media: job.media,
    options: job.options,
    attempt: job.attempt,
    timeline: entries,
    times: times(entries),
    createdAt: job.createdAt,
    updatedAt: job.updatedAt,
    expiresAt: job.expiresAt,
  }
}

/** Start, each conversion's start and end in its last attempt, the total, and the way that the file took. */
function times(entries: TimelineEntry[]): Record<string, unknown> {
  const lastAttempt = entries.at(-1)?.attempt
  const attempt = entries.filter((entry) => entry.attempt === lastAttempt)
  const at = (status: JobStatus): string | undefined =>
    attempt.findLast((entry) => entry.status === status)?.at.toISOString()
  const start = entries[0]?.at
  const end = entries.at(-1)
  const over = end && ['MP3_COMPLETED', 'FAILED'].includes(end.status) ? end : undefined
  const encoding: Step = step(at('CREATING_MP3'), over?.at.toISOString())
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

/** `upload → transcode@instance`: every run that moved the job, once, in order. */
function route(entries: TimelineEntry[]): string {
  const stops = entries.map(({ function: name, instance }) => `${name}@${instance}`)
  return stops.filter((stop, index) => stop !== stops[index - 1]).join(' → ')
}
