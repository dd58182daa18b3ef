import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { jobAddress } from '../app/route.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { formatBytes, formatPlayingTime, formatShare } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { FileRow } from './file-row.tsx'
import { canRetry, isOver, isWorthRetrying } from './job.ts'
import { progressOf, secondsLeft, toneOf } from './status.ts'
import { jobsText } from './text.ts'
import { useJobActions } from './use-job-actions.ts'

interface Props {
  job: JobView
  isSelected: boolean
  onSelect: (isSelected: boolean) => void
  tapedeck: Tapedeck
}

/** One job of the list. */
export function JobRow({ job, isSelected, onSelect, tapedeck }: Props) {
  const actions = useJobActions(job, tapedeck)
  const text = useText(jobsText)
  const { id, filename, status } = job
  return (
    <FileRow
      filename={filename}
      href={jobAddress(id)}
      mark={
        <input
          type="checkbox"
          aria-label={text.selectNamed(filename)}
          checked={isSelected}
          onChange={({ currentTarget: { checked } }) => onSelect(checked)}
        />
      }
      status={text.status[status]}
      tone={toneOf(job)}
      progress={progressOf(job)}
      facts={factsOf(job, text)}
      actions={<Buttons job={job} actions={actions} />}
    >
      {status === 'FAILED' && job.error && (
        <p class="notice error">{text.error(job.error.code, job.error.message)}</p>
      )}
      {job.warnings.map(({ code, message }) => (
        <p key={code} class="notice warning">
          {text.warning(code, message)}
        </p>
      ))}
      <ErrorNotice error={actions.error} />
    </FileRow>
  )
}

interface ButtonsProps {
  job: JobView
  actions: ReturnType<typeof useJobActions>
}

function Buttons({ job, actions: { run, isBusy } }: ButtonsProps) {
  const text = useText(jobsText)
  const [isDeleting, setDeleting] = useState(false)
  const { filename, status } = job
  const button = (style: string, label: string, name: string, act: () => void): ComponentChildren => (
    <button class={style} aria-label={name} disabled={isBusy} onClick={act}>
      {label}
    </button>
  )
  return (
    <>
      {status === 'MP3_COMPLETED' &&
        button('primary', text.download, text.downloadNamed(filename), () => run('download'))}
      {canRetry(job) &&
        button(isWorthRetrying(job) ? 'primary' : '', text.retry, text.retryNamed(filename), () =>
          run('retry'),
        )}
      {button('danger', text.remove, text.removeNamed(filename), () => setDeleting(true))}
      {isDeleting && (
        <DeleteDialog jobs={[job]} onClose={() => setDeleting(false)} onDelete={() => run('delete')} />
      )}
    </>
  )
}

function factsOf(job: JobView, text: (typeof jobsText)['en']): string[] {
  const { status, size, progress, target } = job
  if (status === 'MP3_COMPLETED' && target) {
    const bitrate = `${Math.round(target.bitrate)} kbit/s`
    return [formatPlayingTime(target.durationSeconds), bitrate, formatBytes(target.size)]
  }
  const facts = size > 0 ? [formatBytes(size)] : []
  if (isOver(job) || progress === 0) return facts
  const left = secondsLeft(job)
  return [formatShare(progress), ...(left === undefined ? [] : [text.left(left)]), ...facts]
}
