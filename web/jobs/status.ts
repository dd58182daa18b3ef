import type { JobView } from '../../lib/jobs/view.ts'
import { isOver } from './job.ts'

export const toneOf = ({ status }: JobView): 'bad' | 'busy' | 'good' =>
  status === 'FAILED' ? 'bad' : status === 'MP3_COMPLETED' ? 'good' : 'busy'

/** 0 to 1; `unknown` while something goes on that nobody can measure. */
export function progressOf(job: JobView): number | 'unknown' | undefined {
  // An upload of another tab or client, or one that broke off: nobody here can tell.
  if (isOver(job) || job.status === 'UPLOADING') return undefined
  return job.progress > 0 ? job.progress : 'unknown'
}

/** Seconds that the present step will still take, if it goes on as it has; undefined while that cannot be told. */
export function secondsLeft(job: JobView): number | undefined {
  const begun = job.timeline.at(-1)?.at
  if (isOver(job) || begun === undefined || job.progress < 0.02) return undefined
  const taken = (Date.parse(job.updatedAt) - Date.parse(begun)) / 1000
  return taken > 0 ? (taken * (1 - job.progress)) / job.progress : undefined
}
