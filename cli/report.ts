import { formatBytes, formatPlayingTime } from '../lib/format.ts'
import type { JobView, Step } from '../lib/jobs/view.ts'
import type { Task } from './plan.ts'

/** What happened to a file, for the screen. */
export type Outcome = { task: Task; job?: JobView } & ({ ok: true } | { ok: false; message: string })

/** An outcome as lines of text: the MP3 or what went wrong, the timeline, the warnings. */
export function describeOutcome(outcome: Outcome): string {
  const { task, job } = outcome
  const head = outcome.ok
    ? `${task.file} → ${task.target}${job?.target ? `  (${describeMp3(job.target)})` : ''}`
    : `${task.file} failed: ${outcome.message}`
  const rows = job
    ? [...timeline(job), ...job.warnings.map(({ code, message }): Row => ['warning', `${code}: ${message}`])]
    : []
  return [head, ...rows.map(([name, text]) => `  ${name.padEnd(8)}  ${text}`)].map(printable).join('\n')
}

export const describeSummary = (converted: number, failed: number): string =>
  `${converted} converted, ${failed} failed`

/** Names and messages come from elsewhere: no control character of theirs shall reach a terminal. */
export const printable = (text: string): string => text.replace(/\p{Cc}/gu, '\u{FFFD}')

type Row = [name: string, text: string]

function timeline({ times, video }: JobView): Row[] {
  const { start, aviToMp4, mp4ToMp3, totalSeconds, route } = times
  const rows: Row[] = []
  if (start) rows.push(['start', start])
  if (aviToMp4 === 'not AVI') rows.push(['AVI→MP4', 'not AVI'])
  else if (aviToMp4) {
    const skipped = video && 'skipped' in video ? `, no MP4: ${video.skipped}` : ''
    rows.push(['AVI→MP4', describeStep(aviToMp4) + skipped])
  }
  if (mp4ToMp3) rows.push(['MP4→MP3', describeStep(mp4ToMp3)])
  if (totalSeconds !== undefined) rows.push(['total', `${totalSeconds.toFixed(1)} s`])
  rows.push(['route', route])
  return rows
}

function describeStep({ start, end }: Step): string {
  const seconds = start && end ? `  ${((Date.parse(end) - Date.parse(start)) / 1000).toFixed(1)} s` : ''
  return `${start ?? '?'} – ${end ?? 'not ended'}${seconds}`
}

function describeMp3({ size, durationSeconds, bitrate, copied }: NonNullable<JobView['target']>): string {
  return `${formatPlayingTime(durationSeconds)}, ${Math.round(bitrate)} kbit/s${copied ? ', copied' : ''}, ${formatBytes(size)}`
}
