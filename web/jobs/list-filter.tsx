import { useEffect, useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { useErrorText } from '../api/error-text.ts'
import { ApiError } from '../api/errors.ts'
import { focusHeading } from '../app/focus.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { forEach, type BulkResult } from './bulk.ts'
import { DeleteDialog } from './delete-dialog.tsx'
import { canRetry } from './job.ts'
import { jobsText, statusNames } from './text.ts'

const typingMilliseconds = 300

/** Which jobs are listed: by their status, and by how their names begin. */
export function ListFilter({ tapedeck: { jobs } }: { tapedeck: Tapedeck }) {
  const text = useText(jobsText)
  const { query } = useStore(jobs.state)
  const [filename, setFilename] = useState(query.filename)
  useEffect(() => {
    const timer = setTimeout(() => {
      if (filename !== jobs.state.get().query.filename) jobs.ask({ ...jobs.state.get().query, filename })
    }, typingMilliseconds)
    return () => clearTimeout(timer)
  }, [filename, jobs])

  return (
    <div class="filter" role="search">
      <input
        type="search"
        aria-label={text.search}
        placeholder={text.search}
        value={filename}
        onInput={({ currentTarget: { value } }) => setFilename(value)}
      />
      <select
        aria-label={text.filter}
        value={query.status ?? ''}
        onChange={({ currentTarget: { value } }) => {
          const status = statusNames.find((name) => name === value)
          jobs.ask({ filename: query.filename, ...(status && { status }) })
        }}
      >
        <option value="">{text.allStates}</option>
        {statusNames.map((name) => (
          <option key={name} value={name}>
            {text.status[name]}
          </option>
        ))}
      </select>
    </div>
  )
}

interface SelectionProps {
  tapedeck: Tapedeck
  listed: readonly JobView[]
  selected: ReadonlySet<string>
  onSelect: (ids: ReadonlySet<string>) => void
}

/** What can be done with many jobs at once. */
export function SelectionTools({ tapedeck, listed, selected, onSelect }: SelectionProps) {
  const text = useText(jobsText)
  const [isDeleting, setDeleting] = useState(false)
  const { isBusy, result, retryAll, deleteAll } = useBulk(tapedeck, onSelect)
  const chosen = listed.filter(({ id }) => selected.has(id))
  const retryable = chosen.filter(canRetry)
  const areAll = chosen.length > 0 && chosen.length === listed.length

  return (
    <div class="selection">
      <label>
        <input
          type="checkbox"
          checked={areAll}
          indeterminate={chosen.length > 0 && !areAll}
          disabled={listed.length === 0}
          onChange={() => onSelect(new Set(areAll ? [] : listed.map(({ id }) => id)))}
        />
        {chosen.length === 0 ? text.selectAll : text.selected(chosen.length)}
      </label>
      {retryable.length > 0 && (
        <button disabled={isBusy} onClick={() => void retryAll(retryable)}>
          {text.retryCount(retryable.length)}
        </button>
      )}
      {chosen.length > 0 && (
        <button class="danger" disabled={isBusy} onClick={() => setDeleting(true)}>
          {text.removeCount(chosen.length)}
        </button>
      )}
      {result && result.failed.length > 0 && <Failures result={result} />}
      {isDeleting && (
        <DeleteDialog
          jobs={chosen}
          onClose={() => setDeleting(false)}
          onDelete={() => void deleteAll(chosen)}
        />
      )}
    </div>
  )
}

/** Does something with many jobs. Those that it has not worked for stay selected, to be tried again. */
function useBulk({ api, jobs }: Tapedeck, onSelect: SelectionProps['onSelect']) {
  const [isBusy, setBusy] = useState(false)
  const [result, setResult] = useState<BulkResult<JobView>>()

  async function act(chosen: readonly JobView[], change: (job: JobView) => Promise<void>): Promise<void> {
    setBusy(true)
    setResult(undefined)
    const ended = await forEach(chosen, change)
    setResult(ended)
    setBusy(false)
    onSelect(new Set(ended.failed.map(({ item: { id } }) => id)))
    // The button that was pressed is gone or about to go; where that was long ago, the focus is beside it.
    const { activeElement, body } = document
    if (activeElement === body || activeElement?.closest('.selection')) focusHeading()
  }

  async function remove({ id }: JobView): Promise<void> {
    await api.deleteJob(id).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 404)) throw error
    })
    jobs.forget(id)
  }

  return {
    isBusy,
    result,
    retryAll: (chosen: readonly JobView[]) =>
      act(chosen, async ({ id }) => jobs.apply(await api.retryJob(id))),
    deleteAll: (chosen: readonly JobView[]) => act(chosen, remove),
  }
}

function Failures({ result: { done, failed } }: { result: BulkResult<JobView> }) {
  const text = useText(jobsText)
  const describe = useErrorText()
  return (
    <p class="notice error" role="alert">
      {text.someFailed(done.length, failed.length)}{' '}
      {[...new Set(failed.map(({ error }) => describe(error)))].join(' ')}
    </p>
  )
}
