import { useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { jobAddress } from '../app/route.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { formatBytes, formatPlayingTime, formatShare } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { FileRow } from './file-row.tsx'
import { canRetry, isOver } from './job.ts'
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
  const { run, isBusy, error } = useJobActions(job, tapedeck)
  const text = useText(jobsText)
  const [isDeleting, setDeleting] = useState(false)
  const { id, filename, status } = job

  const actions = (
    <>
      {status === 'MP3_COMPLETED' && (
        <button
          class="primary"
          aria-label={text.downloadNamed(filename)}
          disabled={isBusy}
          onClick={() => run('download')}
        >
          {text.download}
        </button>
      )}
      {canRetry(job) && (
        <button
          class="primary"
          aria-label={text.retryNamed(filename)}
          disabled={isBusy}
          onClick={() => run('retry')}
        >
          {text.retry}
        </button>
      )}
      <button
        class="danger"
        aria-label={text.removeNamed(filename)}
        disabled={isBusy}
        onClick={() => setDeleting(true)}
      >
        {text.remove}
      </button>
    </>
  )
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
      actions={actions}
    >
      {status === 'FAILED' && job.error && (
        <p class="notice error">{text.error(job.error.code, job.error.message)}</p>
      )}
      {job.warnings.map(({ code, message }) => (
        <p key={code} class="notice warning">
          {text.warning(code, message)}
        </p>
      ))}
      <ErrorNotice error={error} />
      {isDeleting && (
        <DeleteDialog jobs={[job]} onClose={() => setDeleting(false)} onDelete={() => run('delete')} />
      )}
    </FileRow>
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
