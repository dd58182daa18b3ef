import { formatBytes, formatPlayingTime } from '../format.ts'
import type { Job } from '../jobs/job.ts'
import type { JobErrorCode } from '../problems.ts'

export interface JobMail {
  subject: string
  text: string
  html: string
}

/** What its owner can do about a failed job, beside what the error itself says. */
const advice: Record<JobErrorCode, string> = {
  NOT_MEDIA: 'Upload a video in one of these formats.',
  NO_AUDIO: 'Check that it is the right file: there is nothing to make an MP3 of.',
  UNSUPPORTED_AUDIO: 'Upload a version with unprotected sound in a common format, such as AAC or MP3.',
  TRUNCATED: 'If the file is broken where it comes from, get another copy.',
  CORRUPT: 'Get an undamaged copy, and upload that.',
  TOO_LONG: 'Cut the video into shorter parts, and upload those.',
  GAVE_UP: 'You can retry it on its page.',
  UPLOAD_ABANDONED: 'On the page, an upload that breaks off can be resumed within a week.',
  SOURCE_GONE: 'Uploaded videos are kept for some days only.',
}

/** As many characters of a name as are shown; none is cut in two. */
const longest = /^.{0,120}/su

/**
 * What tells an owner that their job has ended. `link` leads to it. The file's name may hold anything: control characters
 * and those that turn the direction of writing are left out, and in HTML it is nothing but text.
 */
export function composeJobMail(job: Job, link: string): JobMail {
  const name = plainName(job.filename)
  const { subject, lead, facts, notes } =
    job.status === 'MP3_COMPLETED' ? ready(job, name) : failed(job, name)
  const width = Math.max(...facts.map(([label]) => label.length)) + 2
  const text = [
    lead,
    facts.map(([label, value]) => label.padEnd(width) + value).join('\n'),
    ...notes,
    link,
    footer,
  ]
  const rows = facts.map(
    ([label, value]) =>
      `<tr><td style="padding-right:1em;color:#666">${escape(label)}</td><td><bdi>${escape(value)}</bdi></td></tr>`,
  )
  const html = [
    `<p>${escape(lead)}</p>`,
    `<table>${rows.join('')}</table>`,
    ...notes.map((note) => `<p>${escape(note)}</p>`),
    `<p><a href="${escape(link)}">Open it in Tapedeck</a></p>`,
    `<p style="color:#666">${escape(footer)}</p>`,
  ]
  return {
    subject,
    text: text.join('\n\n'),
    html: `<!doctype html><html lang="en"><body>${html.join('\n')}</body></html>`,
  }
}

const footer = 'Tapedeck sends this mail once, when a conversion has ended.'

interface Content {
  subject: string
  lead: string
  facts: (readonly [label: string, value: string])[]
  /** A paragraph each. */
  notes: string[]
}

function ready(job: Job, name: string): Content {
  const { target, warnings } = job
  return {
    subject: `Your MP3 is ready: ${name}`,
    lead: 'Your MP3 is ready.',
    facts: [
      ['Video', name],
      ...(target
        ? ([
            ['Duration', formatPlayingTime(target.durationSeconds)],
            ['Size of the MP3', formatBytes(target.size)],
          ] as const)
        : []),
    ],
    notes: warnings.map(({ message }) => message),
  }
}

function failed(job: Job, name: string): Content {
  const { error, media, size } = job
  const duration = media?.durationSeconds
  return {
    subject: `Could not be converted: ${name}`,
    lead: 'Your video could not be converted.',
    facts: [
      ['Video', name],
      ...(duration === undefined ? [] : ([['Duration', formatPlayingTime(duration)]] as const)),
      ...(size > 0 ? ([['Size of the video', formatBytes(size)]] as const) : []),
    ],
    notes: error ? [error.message, advice[error.code]] : [],
  }
}

/** On one line, in the order in which it is written, and not too long. */
function plainName(filename: string): string {
  const clean = filename
    .toWellFormed()
    .replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  const [beginning = ''] = longest.exec(clean) ?? []
  return beginning === clean ? clean : `${beginning}…`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
