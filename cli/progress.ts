import type { JobView } from '../lib/jobs/view.ts'
import { formatBytes } from '../lib/format.ts'
import { printable } from './report.ts'

/** Where a file is on its way. */
export type Progress =
  /** The account has as many jobs as it may have at once. */
  /** Other jobs have to end first; `why` is what the server says. */
  | { step: 'held'; why: string }
  | { step: 'uploading'; sentBytes: number; size: number }
  | { step: 'converting'; status: JobView['status']; fraction: number; attempt: number }
  | { step: 'downloading'; receivedBytes: number; size: number }

const statusWords: Partial<Record<JobView['status'], string>> = {
  UPLOADING: 'uploaded',
  ENQUEUED: 'waiting for its turn',
  NEED_CONVERT: 'making the MP4',
  NO_NEED_CONVERT: 'reading the sound',
  CREATING_MP3: 'making the MP3',
  MP3_COMPLETED: 'done',
}

const barWidth = 24
const percentWidth = 5

/** A file's row: its name, a bar for the present step, and what that is. Not wider than so many columns. */
export function renderRow(file: string, progress: Progress, columns: number): string {
  const { fraction, words } = describe(progress)
  const filled = Math.round(fraction * barWidth)
  const bar = '█'.repeat(filled) + '░'.repeat(barWidth - filled)
  const percent = `${Math.floor(fraction * 100)} %`.padStart(percentWidth)
  const nameWidth = Math.max(8, Math.min(32, columns - barWidth - percentWidth - 30))
  return clip(
    `${shorten(printable(file), nameWidth).padEnd(nameWidth)}  ${bar} ${percent}  ${words}`,
    columns - 1,
  )
}

function describe(progress: Progress): { fraction: number; words: string } {
  switch (progress.step) {
    case 'held':
      return { fraction: 0, words: 'waiting for other jobs' }
    case 'uploading':
      return {
        fraction: progress.sentBytes / progress.size,
        words: `uploading ${formatBytes(progress.size)}`,
      }
    case 'converting': {
      const again = progress.attempt > 1 ? `, attempt ${progress.attempt}` : ''
      return { fraction: progress.fraction, words: (statusWords[progress.status] ?? progress.status) + again }
    }
    case 'downloading':
      return { fraction: progress.receivedBytes / progress.size, words: 'downloading' }
  }
}

/** The end of a path tells more than its beginning. */
const shorten = (text: string, width: number): string =>
  text.length <= width ? text : `…${text.slice(1 - width)}`

const clip = (text: string, width: number): string => text.slice(0, Math.max(1, width))
