import { formatBytes, formatPlayingTime } from '../format.ts'
import type { Job } from '../jobs/job.ts'
import { jobAdvice } from '../jobs/advice.ts'
import { composeMail, type MailContent, type MailParts } from './mail-content.ts'

/** As many characters of a name as are shown; none is cut in two. */
const longest = /^.{0,120}/su

/**
 * What tells an owner that their job has ended. `link` leads to it. The file's name may hold anything: control characters
 * and those that turn the direction of writing are left out.
 */
export function composeJobMail(job: Job, link: string): MailContent {
  const name = plainName(job.filename)
  const parts = job.status === 'MP3_COMPLETED' ? ready(job, name) : failed(job, name)
  const footer = 'Tapedeck sends this mail once, when a conversion has ended.'
  return composeMail({ ...parts, link, footer })
}

type Parts = Omit<MailParts, 'link' | 'footer'>

function ready(job: Job, name: string): Parts {
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

function failed(job: Job, name: string): Parts {
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
    notes: error ? [error.message, jobAdvice[error.code]] : [],
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
