import { useEffect, useMemo, useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { useDerived, useStore } from '../store.ts'
import { shownAsUploads, type QueueState } from '../uploads/upload.ts'
import { visibleJobs } from './job-list.ts'
import { matcher } from './query.ts'

/** What changes when uploads begin or get their jobs, but not while their bytes go: a long list is not gone through for each of those. */
const uploadsShown = ({ uploads }: QueueState): string =>
  uploads.map(({ id, jobId, state: { phase } }) => `${id} ${jobId ?? phase}`).join()

/** The jobs that are asked for, as far as they are known, but for those that are shown as uploads. */
export function useListed({ account, jobs, uploads }: Tapedeck): readonly JobView[] {
  const { list, query } = useStore(jobs.state)
  const self = useStore(account)?.id
  const shown = useDerived(uploads.state, uploadsShown)
  const known = useMemo(() => visibleJobs(list), [list])
  const matching = useMemo(
    () => known.filter(matcher(query, { isWhole: list.isWhole, self })),
    [known, list.isWhole, query, self],
  )
  return useMemo(() => {
    const isShown = shownAsUploads(uploads.state.get().uploads)
    return matching.filter((job) => !isShown(job))
  }, [matching, shown])
}

/** Which jobs are chosen, of those that are listed. */
export function useSelection(listed: readonly JobView[]) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())

  useEffect(() => {
    // What cannot be seen any more shall not be deleted unseen once it comes back.
    setSelected((ids) => {
      const left = ids.size > 0 ? listed.filter(({ id }) => ids.has(id)) : []
      return left.length === ids.size ? ids : new Set(left.map(({ id }) => id))
    })
  }, [listed])

  function onSelect(jobs: readonly JobView[], isSelected: boolean): void {
    const changed = new Set(jobs.map(({ id }) => id))
    setSelected((ids) => new Set([...ids, ...changed].filter((id) => isSelected || !changed.has(id))))
  }
  return { selected, onSelect }
}
