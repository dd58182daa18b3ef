import { useEffect, useRef } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { formatBytes } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { isStored, mp4Of } from './job.ts'
import { jobsText } from './text.ts'

interface Props {
  jobs: readonly JobView[]
  /** Whose each is, where they may be somebody else's. */
  ownerOf?: (job: JobView) => string | undefined
  onClose: () => void
  onDelete: () => void
}

const mostNames = 5

/** Asks once more, and says what goes. Once it is closed, by whatever means, the focus is back where it was. */
export function DeleteDialog({ jobs, ownerOf, onClose, onDelete }: Props) {
  const text = useText(jobsText)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])

  function confirm(): void {
    dialog.current?.close()
    onDelete()
  }

  return (
    <dialog ref={dialog} aria-labelledby="delete-title" aria-describedby="delete-text" onClose={onClose}>
      <h2 id="delete-title">{text.askDelete(jobs.length)}</h2>
      <div id="delete-text">
        <ul class="names">
          {jobs.slice(0, mostNames).map((job) => {
            const owner = ownerOf?.(job)
            return (
              <li key={job.id}>
                <bdi>{job.filename}</bdi>
                {owner !== undefined && <bdi class="quiet"> ({owner})</bdi>}
              </li>
            )
          })}
          {jobs.length > mostNames && <li class="quiet">{text.andMore(jobs.length - mostNames)}</li>}
        </ul>
        <p class="quiet">{text.goesForGood(partsOf(jobs), jobs.length, formatBytes(bytesOf(jobs)))}</p>
      </div>
      <div class="actions">
        <button autoFocus onClick={() => dialog.current?.close()}>
          {text.keep}
        </button>
        <button class="danger-filled" onClick={confirm}>
          {text.remove}
        </button>
      </div>
    </dialog>
  )
}

/** What there is of them to be deleted. */
const partsOf = (jobs: readonly JobView[]): { video: boolean; mp4: boolean; mp3: boolean } => ({
  video: jobs.some(isStored),
  mp4: jobs.some((job) => mp4Of(job) !== undefined),
  mp3: jobs.some(({ target }) => target !== undefined),
})

const bytesOf = (jobs: readonly JobView[]): number =>
  jobs.reduce((sum, job) => {
    const { size, target } = job
    return sum + (isStored(job) ? size : 0) + (mp4Of(job)?.size ?? 0) + (target?.size ?? 0)
  }, 0)
