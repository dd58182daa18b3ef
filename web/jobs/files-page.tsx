import { useEffect, useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { ErrorNotice } from '../app/error-notice.tsx'
import { Heading } from '../app/heading.tsx'
import type { Tapedeck } from '../app/tapedeck.ts'
import { useText } from '../i18n/language.ts'
import { useDerived, useStore } from '../store.ts'
import { AddFiles } from '../uploads/add-files.tsx'
import type { Encoding } from '../uploads/encodings.ts'
import type { Picked, Unreadable } from '../uploads/picked.ts'
import { UploadItems } from '../uploads/upload-items.tsx'
import { DeleteDialog } from './delete-dialog.tsx'
import type { JobList } from './job-list.ts'
import { JobRow } from './job-row.tsx'
import { EverybodySwitch, ListFilter } from './list-filter.tsx'
import { isEverything } from './query.ts'
import { SelectionTools } from './selection-tools.tsx'
import { jobsText } from './text.ts'
import { useListed, useSelection } from './use-listed.ts'
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

/** What is to be deleted, if whoever is asked agrees. */
interface Asking {
  jobs: readonly JobView[]
  act: () => void
}

function FileList({ tapedeck }: { tapedeck: Tapedeck }) {
  const text = useText(jobsText)
  const { list, query, error } = useStore(tapedeck.jobs.state)
  const hasUploads = useDerived(tapedeck.uploads.state, ({ uploads }) => uploads.length > 0)
  const listed = useListed(tapedeck)
  const { selected, onSelect } = useSelection(listed)
  // Not a row's: that may be scrolled out of the document meanwhile.
  const [asking, ask] = useState<Asking>()
  const ownerOf = useOwners(tapedeck)
  // Where there is nothing, there is nothing to search.
  const isEmpty = isReadToEnd(list) && listed.length === 0 && isEverything(query)

  return (
    <section aria-labelledby="files">
      <div class="list-head">
        <Heading id="files" title={query.isEverybodys ? text.everybodysFiles : text.yourFiles} keepsPlace />
        <EverybodySwitch tapedeck={tapedeck} />
      </div>
      <UploadItems uploads={tapedeck.uploads} />
      {!isEmpty && (
        <ListTools tapedeck={tapedeck} listed={listed} selected={selected} onSelect={onSelect} onAsk={ask} />
      )}
      <Jobs
        tapedeck={tapedeck}
        listed={listed}
        selected={selected}
        onSelect={onSelect}
        ownerOf={ownerOf}
        onDelete={(job, act) => ask({ jobs: [job], act })}
      />
      <Placeholder
        tapedeck={tapedeck}
        isEmpty={isEmpty}
        isListed={listed.length > 0}
        hasUploads={hasUploads}
      />
      <ErrorNotice error={error} onRetry={() => void tapedeck.jobs.loadMore()} />
      {asking && (
        <DeleteDialog
          jobs={asking.jobs}
          ownerOf={ownerOf}
          onClose={() => ask(undefined)}
          onDelete={asking.act}
        />
      )}
    </section>
  )
}

interface ListToolsProps {
  tapedeck: Tapedeck
  listed: readonly JobView[]
  selected: ReadonlySet<string>
  onSelect: (jobs: readonly JobView[], isSelected: boolean) => void
  onAsk: (asking: Asking) => void
}

function ListTools({ tapedeck, listed, selected, onSelect, onAsk }: ListToolsProps) {
  const { running, result } = useStore(tapedeck.bulk.state)
  // Those that it did not work for stay selected, to be tried again.
  useEffect(() => onSelect(result?.done ?? [], false), [result])
  return (
    <div class="list-tools">
      <ListFilter tapedeck={tapedeck} />
      {(listed.length > 0 || running) && (
        <SelectionTools
          tapedeck={tapedeck}
          listed={listed}
          selected={selected}
          onSelect={onSelect}
          onDelete={(jobs) => onAsk({ jobs, act: () => void tapedeck.bulk.run('delete', jobs) })}
        />
      )}
    </div>
  )
}

interface PlaceholderProps {
  tapedeck: Tapedeck
  isEmpty: boolean
  isListed: boolean
  hasUploads: boolean
}

/** What is said in place of files. It is there from the start, so that it is heard when it says something. */
function Placeholder({ tapedeck, isEmpty, isListed, hasUploads }: PlaceholderProps) {
  const text = useText(jobsText)
  const { list, isLoadingPage, error } = useStore(tapedeck.jobs.state)
  const isLoading = (isLoadingPage || !list.isLoaded) && error === undefined
  const words = isLoading
    ? text.loading
    : isEmpty && !hasUploads
      ? text.empty
      : isReadToEnd(list) && !isListed && !isEmpty
        ? text.noMatch
        : undefined
  return <div role="status">{words !== undefined && <p class="placeholder">{words}</p>}</div>
}

interface JobsProps {
  tapedeck: Tapedeck
  listed: readonly JobView[]
  selected: ReadonlySet<string>
  onSelect: (jobs: readonly JobView[], isSelected: boolean) => void
  ownerOf: (job: JobView) => string | undefined
  onDelete: (job: JobView, act: () => void) => void
}

function Jobs({ tapedeck, listed, selected, onSelect, ownerOf, onDelete }: JobsProps) {
  const text = useText(jobsText)
  const { list, query, isLoadingPage, error } = useStore(tapedeck.jobs.state)
  return (
    <VirtualList
      items={listed}
      keyOf={({ id }) => id}
      estimatedHeight={isNarrow() ? 117 : 71}
      gap={8}
      place={place}
      label={query.isEverybodys ? text.everybodysFiles : text.yourFiles}
      hasMore={list.next !== undefined}
      isWaiting={isLoadingPage || error !== undefined}
      onNearEnd={() => void tapedeck.jobs.loadMore()}
      render={(job) => (
        <JobRow
          job={job}
          isSelected={selected.has(job.id)}
          onSelect={(isSelected) => onSelect([job], isSelected)}
          owner={ownerOf(job)}
          onDelete={(act) => onDelete(job, act)}
          tapedeck={tapedeck}
        />
      )}
    />
  )
}

/** Tells whose a job is, where it may be somebody else's. */
function useOwners({ jobs }: Tapedeck): (job: JobView) => string | undefined {
  const { query, emails } = useStore(jobs.state)
  return ({ owner }) => (query.isEverybodys ? (emails.get(owner) ?? `${owner.slice(0, 8)}…`) : undefined)
}

/** Whether nothing more of it is to come than what happens from now on. */
const isReadToEnd = ({ isLoaded, next }: JobList): boolean => isLoaded && next === undefined

/** As its style has it: there a row's buttons have a line of their own. */
const isNarrow = (): boolean => matchMedia('(max-width: 40rem)').matches
