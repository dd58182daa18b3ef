import type { ComponentChildren } from 'preact'
import type { JobView } from '../../lib/jobs/view.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { jobAddress } from '../app/route.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { formatBytes, formatPlayingTime, formatShare } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { FileRow } from './file-row.tsx'
import { canRetry, isOver } from './job.ts'
import { progressOf, secondsLeft, toneOf } from './status.ts'
import { jobsText } from './text.ts'
import { useJobActions } from './use-job-actions.ts'

interface Props {
  job: JobView
  isSelected: boolean
  onSelect: (isSelected: boolean) => void
  /** Whose it is, where it may be somebody else's. */
  owner: string | undefined
  /** Asks whether it may be deleted, and if so lets it happen. */
  onDelete: (act: () => void) => void
  tapedeck: Tapedeck
}

/** One job of the list. */
export function JobRow({ job, isSelected, onSelect, owner, onDelete, tapedeck }: Props) {
  const actions = useJobActions(job, tapedeck)
  const text = useText(jobsText)
  const { id, filename, status } = job
  return (
    <FileRow
      filename={filename}
      href={jobAddress(id)}
      mark={
        <label>
          <input
            type="checkbox"
            aria-label={text.selectNamed(filename)}
            checked={isSelected}
            onChange={({ currentTarget: { checked } }) => onSelect(checked)}
          />
        </label>
      }
      status={text.status[status]}
      tone={toneOf(job)}
      progress={progressOf(job)}
      facts={factsOf(job, text)}
      date={job.createdAt}
      owner={owner}
      actions={<Buttons job={job} actions={actions} onDelete={() => onDelete(() => actions.run('delete'))} />}
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
  onDelete: () => void
}

function Buttons({ job, actions: { run, isBusy }, onDelete }: ButtonsProps) {
  const text = useText(jobsText)
  const { filename, status } = job
  const button = (style: string, label: string, name: string, act: () => void): ComponentChildren => (
    <button class={style} aria-label={name} disabled={isBusy} onClick={act}>
      {label}
    </button>
  )
  return (
    <>
      {status === 'MP3_COMPLETED' &&
        button('', text.download, text.downloadNamed(filename), () => run('download'))}
      {canRetry(job) && button('', text.retry, text.retryNamed(filename), () => run('retry'))}
      {button('danger', text.remove, text.removeNamed(filename), onDelete)}
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
