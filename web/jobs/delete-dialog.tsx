import type { JobView } from '../../lib/jobs/view.ts'
import { Names, Question } from '../app/question.tsx'
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

/** Asks once more, and says what goes. */
export function DeleteDialog({ jobs, ownerOf, onClose, onDelete }: Props) {
  const text = useText(jobsText)
  const names = jobs.map((job) => ({ name: job.filename, owner: ownerOf?.(job) }))
  return (
    <Question
      title={text.askDelete(jobs.length)}
      stay={text.keep}
      go={text.remove}
      onClose={onClose}
      onGo={onDelete}
    >
      <Names of={names} />
      <p class="quiet">{text.goesForGood(partsOf(jobs), jobs.length, formatBytes(bytesOf(jobs)))}</p>
    </Question>
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
