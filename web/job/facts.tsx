import {
  formatBytes,
  formatDateAndTime,
  formatPlayingTime,
  formatSeconds,
  formatTimeOfDay,
} from '../format.ts'
import type { ComponentChildren } from 'preact'
import type { JobView, Step } from '../../lib/jobs/view.ts'
import type { Api } from '../api/api.ts'
import { English } from '../i18n/english.tsx'
import { useText } from '../i18n/language.ts'
import { isStored } from '../jobs/job.ts'
import { jobsText } from '../jobs/text.ts'
import { encodingFor } from '../uploads/encodings.ts'
import { uploadsText } from '../uploads/text.ts'
import { Deliveries } from './deliveries.tsx'
import { jobText } from './text.ts'

type Words = (typeof jobsText)['en']

/** When what happened to a job, and what its file holds. */
export function Facts({ job, api }: { job: JobView; api: Api }) {
  const text = useText(jobsText)
  const uploads = useText(uploadsText)
  const { details, keptUntil } = useText(jobText)
  const facts = [
    ...detailsOf(job, text),
    [uploads.quality, encodingFor(job.options).label(uploads)] as const,
    ...(isStored(job) && job.expiresAt ? [[keptUntil, formatDateAndTime(job.expiresAt)] as const] : []),
  ]
  return (
    <section class="panel" aria-labelledby="details">
      <h3 id="details">{details}</h3>
      <dl class="details">
        {facts.map(([term, fact]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
        <Deliveries job={job} api={api} />
      </dl>
    </section>
  )
}

function detailsOf(job: JobView, text: Words): [term: string, fact: ComponentChildren][] {
  const { times, target, attempt } = job
  const { facts } = text
  const details: [string, ComponentChildren][] = [
    [facts.start, times.start && formatDateAndTime(times.start)],
    [facts.aviToMp4, aviToMp4(job, text)],
    [facts.mp4ToMp3, times.mp4ToMp3 && formatStep(times.mp4ToMp3, text)],
    [facts.total, times.totalSeconds === undefined ? undefined : formatSeconds(times.totalSeconds)],
    [facts.route, times.route],
    [facts.attempts, attempt > 1 ? String(attempt) : undefined],
    [facts.source, source(job, text)],
    [facts.mp3, target && mp3(target, text)],
  ]
  return details.flatMap(([term, fact]) => (fact ? [[term, fact]] : []))
}

function aviToMp4({ times: { aviToMp4: step }, video }: JobView, text: Words): ComponentChildren {
  if (video && 'skipped' in video) return <NoMp4 reason={video.skipped} />
  if (step === 'not AVI') return text.notAvi
  return step && formatStep(step, text)
}

function NoMp4({ reason }: { reason: string }) {
  const { noMp4 } = useText(jobText)
  return (
    <>
      {noMp4}:<English>{reason}</English>
    </>
  )
}

function formatStep({ start, end }: Step, text: Words): string {
  if (start === undefined) return ''
  if (end === undefined) return text.since(formatTimeOfDay(start))
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000
  return `${formatTimeOfDay(start)} – ${formatTimeOfDay(end)} (${formatSeconds(seconds)})`
}

function mp3(target: NonNullable<JobView['target']>, text: Words): string {
  const { size, durationSeconds, bitrate, copied } = target
  const facts = [formatBytes(size), formatPlayingTime(durationSeconds), `${Math.round(bitrate)} kbit/s`]
  return `${facts.join(', ')}${copied ? `. ${text.copied}` : ''}`
}

function source({ media, size }: JobView, text: Words): string | undefined {
  if (!media) return formatBytes(size)
  const { container, audioCodec, sampleRate, channels, durationSeconds } = media
  const length = durationSeconds === undefined ? [] : [formatPlayingTime(durationSeconds)]
  const facts = [
    formatBytes(size),
    ...length,
    container,
    audioCodec,
    `${sampleRate / 1000} kHz`,
    text.channels(channels),
  ]
  return facts.join(', ')
}
