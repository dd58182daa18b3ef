import { formatPlayingTime } from '../../lib/format.ts'
import type { JobView } from '../../lib/jobs/view.ts'

type Entry = JobView['timeline'][number]

/** The states that last. */
export type StepStatus = Exclude<Entry['status'], 'MP3_COMPLETED' | 'FAILED' | 'DELETED'>

/** What a job did, or waited for, and for how long. */
export interface Step extends Pick<Entry, 'function' | 'instance' | 'attempt'> {
  status: StepStatus
  /** Seconds from when the job began, without those in which it had failed and nobody had tried it again. */
  from: number
  seconds: number
  /** It still goes on. */
  isOpen: boolean
}

/**
 * The steps that a job's timeline tells: each lasts until the next begins; the last of a job that is not over, until `now`, the
 * server's time in milliseconds.
 */
export function stepsOf(
  { timeline, updatedAt }: Pick<JobView, 'timeline' | 'updatedAt'>,
  now: number,
): Step[] {
  // The clocks of two machines differ: what has been told has happened.
  const soFar = Math.max(now, Date.parse(updatedAt))
  let from = 0
  return timeline.flatMap((entry, index) => {
    const { status, function: name, instance, attempt } = entry
    // Days may pass before a retry: beside them the steps would be too short to be seen.
    if (status === 'MP3_COMPLETED' || status === 'FAILED' || status === 'DELETED') return []
    const next = timeline[index + 1]
    const end = next ? Date.parse(next.at) : soFar
    const seconds = Math.max(0, end - Date.parse(entry.at)) / 1000
    const step = { status, function: name, instance, attempt, from, seconds, isOpen: !next }
    from += seconds
    return [step]
  })
}

/** How long a step took, as precisely as every other of a job that took so many seconds in all. */
export function formatStep(seconds: number, inAll: number): string {
  if (inAll >= 120) return seconds < 1 ? '< 0:01' : formatPlayingTime(Math.floor(seconds))
  return seconds < 0.01 ? '< 0.01 s' : `${seconds.toFixed(2)} s`
}
