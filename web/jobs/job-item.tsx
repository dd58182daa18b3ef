import { useEffect, useId, useRef, useState } from 'preact/hooks'
import { formatBytes, formatPlayingTime, formatShare } from '../format.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import { useErrorText } from '../api/errors.ts'
import { useText } from '../i18n/language.ts'
import { canRetry, isOver } from './job.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { FileRow } from './file-row.tsx'
import { JobDetails } from './job-details.tsx'
import { jobsText } from './text.ts'
import { useJobActions } from './use-job-actions.ts'

interface Props {
  job: JobView
  /** The address names this job: it is brought into view, with its details open. */
  isNamed: boolean
  tapedeck: Tapedeck
}

export function JobItem({ job, isNamed, tapedeck }: Props) {
  const { run, isBusy, error } = useJobActions(job, tapedeck)
  const text = useText(jobsText)
  const describe = useErrorText()
  const [isOpen, setOpen] = useState(false)
  const [isDeleting, setDeleting] = useState(false)
  const detailsId = useId()
  const details = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isNamed) setOpen(true)
  }, [isNamed])
  useEffect(() => {
    if (isNamed && isOpen) details.current?.closest('li')?.scrollIntoView({ block: 'center' })
  }, [isNamed, isOpen])
  const { filename, status } = job

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
        aria-label={text.detailsNamed(filename)}
        aria-expanded={isOpen}
        aria-controls={detailsId}
        onClick={() => setOpen(!isOpen)}
      >
        {text.details}
      </button>
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
      status={text.status[status]}
      tone={status === 'FAILED' ? 'bad' : status === 'MP3_COMPLETED' ? 'good' : 'busy'}
      progress={progressOf(job)}
      facts={factsOf(job)}
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
      {error !== undefined && (
        <p class="notice error" role="alert">
          {describe(error)}
        </p>
      )}
      <div id={detailsId} ref={details} hidden={!isOpen}>
        {isOpen && <JobDetails job={job} api={tapedeck.api} />}
      </div>
      {isDeleting && (
        <DeleteDialog filename={filename} onClose={() => setDeleting(false)} onDelete={() => run('delete')} />
      )}
    </FileRow>
  )
}

function progressOf(job: JobView): number | 'unknown' | undefined {
  // An upload of another tab or client, or one that broke off: nobody here can tell.
  if (isOver(job) || job.status === 'UPLOADING') return undefined
  return job.progress > 0 ? job.progress : 'unknown'
}

function factsOf(job: JobView): string[] {
  const { status, size, progress, target } = job
  if (status === 'MP3_COMPLETED' && target) {
    const bitrate = `${Math.round(target.bitrate)} kbit/s`
    return [formatPlayingTime(target.durationSeconds), bitrate, formatBytes(target.size)]
  }
  const facts = size > 0 ? [formatBytes(size)] : []
  return isOver(job) || progress === 0 ? facts : [formatShare(progress), ...facts]
}
