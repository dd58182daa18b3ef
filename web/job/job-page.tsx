import { useEffect, useRef, useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { Heading } from '../app/heading.tsx'
import { sectionAddress } from '../app/route.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { formatShare } from '../format.ts'
import { useText } from '../i18n/language.ts'
import { DeleteDialog } from '../jobs/delete-dialog.tsx'
import { ProgressBar } from '../jobs/file-row.tsx'
import { canRetry, mp4Of } from '../jobs/job.ts'
import { progressOf, secondsLeft, toneOf } from '../jobs/status.ts'
import { jobsText } from '../jobs/text.ts'
import { useJobActions } from '../jobs/use-job-actions.ts'
import { Facts } from './facts.tsx'
import { Player } from './player.tsx'
import { jobText } from './text.ts'
import { Timeline } from './timeline.tsx'
import { useJob } from './use-job.ts'
import { Video } from './video.tsx'

interface Props {
  id: string
  tapedeck: Tapedeck
}

/** All about one job. */
export function JobPage({ id, tapedeck }: Props) {
  const text = useText(jobText)
  const { loading } = useText(jobsText)
  const { job, isDeleted, error, askAgain } = useJob(id, tapedeck)
  return (
    <main class="job">
      <a class="back" href={sectionAddress('files')}>
        ← {text.allFiles}
      </a>
      {job && <Job job={job} tapedeck={tapedeck} />}
      {isDeleted && <Deleted />}
      {!job && !isDeleted && error === undefined && (
        <p class="placeholder" role="status">
          {loading}
        </p>
      )}
      <ErrorNotice error={error} onRetry={askAgain} />
    </main>
  )
}

/** It takes the focus, which was on something that is gone. */
function Deleted() {
  const { deleted } = useText(jobText)
  const shown = useRef<HTMLParagraphElement>(null)
  useEffect(() => shown.current?.focus(), [])
  return (
    <p ref={shown} class="placeholder" role="status" tabIndex={-1}>
      {deleted}
    </p>
  )
}

function Job({ job, tapedeck }: { job: JobView; tapedeck: Tapedeck }) {
  const text = useText(jobText)
  const words = useText(jobsText)
  const { id, filename, status, target } = job
  const progress = progressOf(job)
  const left = secondsLeft(job)
  return (
    <>
      <header>
        <Heading title={filename}>
          <bdi>{filename}</bdi>
        </Heading>
        <p class="facts">
          <span role="status" class={`status ${toneOf(job)}`}>
            {words.status[status]}
          </span>
          {typeof progress === 'number' && <span>{formatShare(progress)}</span>}
          {left !== undefined && <span>{words.left(left)}</span>}
        </p>
        {progress !== undefined && <ProgressBar label={words.status[status]} value={progress} />}
      </header>
      {status === 'FAILED' && job.error && (
        <div class="notice error">
          <p>{words.error(job.error.code, job.error.message)}</p>
          <p>{text.advice[job.error.code]}</p>
        </div>
      )}
      {job.warnings.map(({ code, message }) => (
        <p key={code} class="notice warning">
          {words.warning(code, message)}
        </p>
      ))}
      <Actions job={job} tapedeck={tapedeck} />
      {status === 'MP3_COMPLETED' && target && <Player job={{ ...job, target }} api={tapedeck.api} />}
      {mp4Of(job) && <Video id={id} filename={filename} api={tapedeck.api} />}
      <Timeline job={job} />
      <Facts job={job} api={tapedeck.api} />
    </>
  )
}

function Actions({ job, tapedeck }: { job: JobView; tapedeck: Tapedeck }) {
  const text = useText(jobText)
  const words = useText(jobsText)
  const { run, isBusy, error } = useJobActions(job, tapedeck)
  const [isDeleting, setDeleting] = useState(false)
  const { copied, copy } = useCopiedLink()
  const { status } = job

  return (
    <>
      <div class="actions start">
        {status === 'MP3_COMPLETED' && (
          <button class="primary" disabled={isBusy} onClick={() => run('download')}>
            {text.downloadMp3}
          </button>
        )}
        {mp4Of(job) && (
          <button disabled={isBusy} onClick={() => run('downloadVideo')}>
            {text.downloadMp4}
          </button>
        )}
        {canRetry(job) && (
          <button class="primary" disabled={isBusy} onClick={() => run('retry')}>
            {words.retry}
          </button>
        )}
        <button onClick={() => void copy()}>{text.copyLink}</button>
        <button class="danger" disabled={isBusy} onClick={() => setDeleting(true)}>
          {words.remove}
        </button>
        <span class="quiet" role="status">
          {copied}
        </span>
      </div>
      <ErrorNotice error={error} />
      {isDeleting && (
        <DeleteDialog jobs={[job]} onClose={() => setDeleting(false)} onDelete={() => run('delete')} />
      )}
    </>
  )
}

/** Copies the page's address; `copied` says what has come of that. */
function useCopiedLink() {
  const text = useText(jobText)
  const [copied, setCopied] = useState<string>()

  async function copy(): Promise<void> {
    // Without encryption, other than to one's own machine, a browser lets no page near the clipboard.
    const copying = (navigator as { clipboard?: Clipboard }).clipboard?.writeText(location.href)
    setCopied(
      await (copying ?? Promise.reject()).then(
        () => text.copiedLink,
        () => text.notCopied(location.href),
      ),
    )
  }
  return { copied, copy }
}
