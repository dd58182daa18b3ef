import { useEffect, useMemo, useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { useErrorText } from '../api/error-text.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import type { BulkResult } from './bulk.ts'
import { canRetry } from './job.ts'
import type { LiveJobs } from './live-jobs.ts'
import type { Query } from './query.ts'
import { jobsText } from './text.ts'

interface Props {
  tapedeck: Tapedeck
  listed: readonly JobView[]
  selected: ReadonlySet<string>
  onSelect: (jobs: readonly JobView[], isSelected: boolean) => void
  /** Asks whether they may be deleted, and if so lets it happen. */
  onDelete: (chosen: readonly JobView[]) => void
}

/** What can be done with many jobs at once. */
export function SelectionTools({ tapedeck, listed, selected, onSelect, onDelete }: Props) {
  const { jobs, bulk } = tapedeck
  const text = useText(jobsText)
  const { list } = useStore(jobs.state)
  const chosen = useMemo(() => listed.filter(({ id }) => selected.has(id)), [listed, selected])
  const retryable = useMemo(() => chosen.filter(canRetry), [chosen])
  const areAll = chosen.length > 0 && chosen.length === listed.length
  const reading = useReading(jobs, listed, () => onSelect(listed, true))
  const { running, result } = useStore(bulk.state)
  const stop = running ? () => bulk.stop() : reading.stop

  return (
    <div class="selection">
      <label>
        <input
          type="checkbox"
          checked={areAll}
          indeterminate={chosen.length > 0 && !areAll}
          disabled={listed.length === 0 || stop !== undefined}
          onChange={() => onSelect(listed, !areAll)}
        />
        {chosen.length === 0 ? text.selectAll : text.selected(chosen.length)}
      </label>
      {running && (
        <Progress label={text.running[running.action](running.count, running.total)} of={running} />
      )}
      {reading.stop && <Progress label={text.reading(listed.length)} />}
      {!stop && retryable.length > 0 && (
        <button onClick={() => void bulk.run('retry', retryable)}>{text.retryCount(retryable.length)}</button>
      )}
      {!stop && chosen.length > 0 && (
        <button class="danger" onClick={() => onDelete(chosen)}>
          {text.removeCount(chosen.length)}
        </button>
      )}
      {!stop && areAll && list.next && <button onClick={reading.begin}>{text.selectRest}</button>}
      {stop && <button onClick={stop}>{text.stop}</button>}
      {result && result.failed.length > 0 && <Failures result={result} />}
    </div>
  )
}

/** Reads what is listed to its end; `onEnd` is called once all of it is there, but not where that was stopped or has failed. */
function useReading(jobs: LiveJobs, listed: readonly JobView[], onEnd: () => void) {
  const { list, query, error } = useStore(jobs.state)
  const [reading, setReading] = useState<{ query: Query; error: unknown; stopping: AbortController }>()

  useEffect(() => () => reading?.stopping.abort(), [reading])
  useEffect(() => {
    if (!reading) return
    const isOver = list.next === undefined
    // An error of before is not this one's.
    const hasFailed = error !== undefined && error !== reading.error
    if (!isOver && !hasFailed && query === reading.query) return
    setReading(undefined)
    if (query === reading.query && list.isLoaded && isOver) onEnd()
  }, [reading, listed, list, query, error])

  function begin(): void {
    const stopping = new AbortController()
    setReading({ query, error, stopping })
    void jobs.loadAll(stopping.signal)
  }
  return { begin, stop: reading && (() => setReading(undefined)) }
}

function Progress({ label, of }: { label: string; of?: { count: number; total: number } }) {
  return (
    <span class="running">
      <span>{label}</span>
      <progress aria-label={label} {...(of && { max: of.total, value: of.count })} />
    </span>
  )
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
