import {
  formatBytes,
  formatDateAndTime,
  formatPlayingTime,
  formatSeconds,
  formatTimeOfDay,
} from '../format.ts'
import type { JobView, Step } from '../../lib/jobs/view.ts'
import type { Api } from '../api/api.ts'
import { JobDeliveries } from './job-deliveries.tsx'

/** When what happened to a job, and what its file holds. */
export function JobDetails({ job, api }: { job: JobView; api: Api }) {
  return (
    <dl class="details">
      {detailsOf(job).map(([term, text]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{text}</dd>
        </div>
      ))}
      <JobDeliveries job={job} api={api} />
    </dl>
  )
}

function detailsOf(job: JobView): [term: string, text: string][] {
  const { times, target, attempt } = job
  const details: [string, string | undefined][] = [
    ['Start', times.start && formatDateAndTime(times.start)],
    ['AVI to MP4', aviToMp4(job)],
    ['MP4 to MP3', times.mp4ToMp3 && formatStep(times.mp4ToMp3)],
    ['Total', times.totalSeconds === undefined ? undefined : formatSeconds(times.totalSeconds)],
    ['Route', times.route],
    ['Attempts', attempt > 1 ? String(attempt) : undefined],
    ['Source', source(job)],
    ['MP3', target?.copied ? 'The sound was MP3 already and is kept as it was' : undefined],
  ]
  return details.flatMap(([term, text]) => (text ? [[term, text]] : []))
}

function aviToMp4({ times: { aviToMp4: step }, video }: JobView): string | undefined {
  if (video && 'skipped' in video) return `No MP4: ${video.skipped}`
  if (step === 'not AVI') return 'Not needed: this is not an AVI'
  return step && formatStep(step)
}

function formatStep({ start, end }: Step): string {
  if (start === undefined) return ''
  if (end === undefined) return `since ${formatTimeOfDay(start)}`
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000
  return `${formatTimeOfDay(start)} – ${formatTimeOfDay(end)} (${formatSeconds(seconds)})`
}

function source({ media, size }: JobView): string | undefined {
  if (!media) return formatBytes(size)
  const { container, audioCodec, sampleRate, channels, durationSeconds } = media
  const length = durationSeconds === undefined ? [] : [formatPlayingTime(durationSeconds)]
  const facts = [
    formatBytes(size),
    ...length,
    container,
    audioCodec,
    `${sampleRate / 1000} kHz`,
    channelNames(channels),
  ]
  return facts.join(', ')
}

const channelNames = (channels: number): string =>
  channels === 1 ? 'mono' : channels === 2 ? 'stereo' : `${channels} channels`
