import { useEffect, useMemo, useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { Heading } from '../app/heading.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { useText } from '../i18n/language.ts'
import { useStore } from '../store.ts'
import { AddFiles } from '../uploads/add-files.tsx'
import type { Encoding } from '../uploads/encodings.ts'
import type { Picked, Unreadable } from '../uploads/picked.ts'
import { UploadItems } from '../uploads/upload-items.tsx'
import { shownAsUploads } from '../uploads/upload.ts'
import { visibleJobs } from './job-list.ts'
import { JobRow } from './job-row.tsx'
import { ListFilter, SelectionTools } from './list-tools.tsx'
import { isEverything, matches } from './query.ts'
import { jobsText } from './text.ts'
import { VirtualList, type ListPlace } from './virtual-list.tsx'

interface Props {
  tapedeck: Tapedeck
  encoding: Encoding
  onEncoding: (encoding: Encoding) => void
  onFiles: (files: (Picked | Unreadable)[]) => void
}

/** The way to add files, and the list of those there are. */
export function FilesPage({ tapedeck, encoding, onEncoding, onFiles }: Props) {
  return (
    <main>
      <AddFiles uploads={tapedeck.uploads} encoding={encoding} onEncoding={onEncoding} onFiles={onFiles} />
      <FileList tapedeck={tapedeck} />
    </main>
  )
}

/** Where the list was left for a job's page. */
const place: ListPlace = {}

function FileList({ tapedeck }: { tapedeck: Tapedeck }) {
  const text = useText(jobsText)
  const { list, query, isLoadingPage, error } = useStore(tapedeck.jobs.state)
  const { uploads } = useStore(tapedeck.uploads.state)
  const listed = useMemo(() => {
    const isShown = shownAsUploads(uploads)
    return visibleJobs(list).filter((job) => matches(query, job) && !isShown(job))
  }, [list, query, uploads])
  const { selected, setSelected, select } = useSelection(listed)
  // Where there is nothing, there is nothing to search.
  const isEmpty = list.isLoaded && listed.length === 0 && isEverything(query)

  return (
    <section aria-labelledby="files">
      <Heading id="files" title={text.yourFiles} keepsPlace />
      <UploadItems uploads={tapedeck.uploads} />
      {!isEmpty && (
        <div class="list-tools">
          <ListFilter tapedeck={tapedeck} />
          {listed.length > 0 && (
            <SelectionTools tapedeck={tapedeck} listed={listed} selected={selected} onSelect={setSelected} />
          )}
        </div>
      )}
      <Jobs tapedeck={tapedeck} listed={listed} selected={selected} onSelect={select} />
      {isEmpty && uploads.length === 0 && <p class="placeholder">{text.empty}</p>}
      {list.isLoaded && listed.length === 0 && !isEmpty && <p class="placeholder">{text.noMatch}</p>}
      {(isLoadingPage || !list.isLoaded) && error === undefined && (
        <p class="placeholder" role="status">
          {text.loading}
        </p>
      )}
      <ErrorNotice error={error} onRetry={() => void tapedeck.jobs.loadMore()} />
    </section>
  )
}

interface JobsProps {
  tapedeck: Tapedeck
  listed: readonly JobView[]
  selected: ReadonlySet<string>
  onSelect: (id: string, isSelected: boolean) => void
}

function Jobs({ tapedeck, listed, selected, onSelect }: JobsProps) {
  const text = useText(jobsText)
  const { list, isLoadingPage, error } = useStore(tapedeck.jobs.state)
  return (
    <VirtualList
      items={listed}
      keyOf={({ id }) => id}
      estimatedHeight={isNarrow() ? 117 : 71}
      gap={8}
      place={place}
      label={text.yourFiles}
      hasMore={list.next !== undefined}
      isWaiting={isLoadingPage || error !== undefined}
      onNearEnd={() => void tapedeck.jobs.loadMore()}
      render={(job) => (
        <JobRow
          job={job}
          isSelected={selected.has(job.id)}
          onSelect={(isSelected) => onSelect(job.id, isSelected)}
          tapedeck={tapedeck}
        />
      )}
    />
  )
}

/** Which jobs are chosen, of those that are listed. */
function useSelection(listed: readonly JobView[]) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())

  useEffect(() => {
    // What cannot be seen any more shall not be deleted unseen once it comes back.
    setSelected((ids) => {
      const left = ids.size > 0 ? listed.filter(({ id }) => ids.has(id)) : []
      return left.length === ids.size ? ids : new Set(left.map(({ id }) => id))
    })
  }, [listed])

  function select(id: string, isSelected: boolean): void {
    const ids = new Set(selected)
    if (isSelected) ids.add(id)
    else ids.delete(id)
    setSelected(ids)
  }
  return { selected, select, setSelected: (ids: ReadonlySet<string>) => setSelected(ids) }
}

/** As its style has it: there a row's buttons have a line of their own. */
const isNarrow = (): boolean => matchMedia('(max-width: 40rem)').matches
