import { useState } from 'preact/hooks'
import type { JobView } from '../../lib/jobs/view.ts'
import { automatic } from '../uploads/encodings.ts'
import { useErrorText } from '../api/errors.ts'
import { appText } from '../app/text.ts'
import { useText } from '../i18n/language.ts'
import { visibleJobs } from './job-list.ts'
import { jobsText } from './text.ts'
import { useStore } from '../store.ts'
import type { Tapedeck } from '../app/tapedeck.ts'
import { AddFiles } from '../uploads/add-files.tsx'
import { DropTarget } from '../uploads/drop-target.tsx'
import { Header } from '../app/header.tsx'
import { JobItem } from './job-item.tsx'
import { isUploadOf } from '../uploads/uploads.ts'
import { UploadItems } from '../uploads/upload-items.tsx'
import { useNamedJob } from './use-named-job.ts'

/** What a signed-in user sees: the way to add files, and the list of those there are. */
export function Library({ tapedeck }: { tapedeck: Tapedeck }) {
  const { uploads, jobs } = tapedeck
  const [encoding, setEncoding] = useState(automatic)
  const text = useText(jobsText)
  const { offline } = useText(appText)
  const { isOffline, news } = useStore(jobs.state)
  const add = (files: Iterable<File>): void => uploads.add(files, encoding.options)

  return (
    <>
      <Header tapedeck={tapedeck} />
      <main>
        <AddFiles encoding={encoding} onEncoding={setEncoding} onFiles={add} />
        <FileList tapedeck={tapedeck} />
      </main>
      <DropTarget onFiles={add} />
      <p class="visually-hidden" role="status">
        {news && announce(news, text)}
      </p>
      {isOffline && (
        <p class="toast" role="status">
          {offline}
        </p>
      )}
    </>
  )
}

/** What a screen reader says when a job has come to its end. */
const announce = ({ filename, error }: JobView, text: (typeof jobsText)['en']): string =>
  error ? text.hasFailed(filename, text.error(error.code, error.message)) : text.isReady(filename)

function FileList({ tapedeck }: { tapedeck: Tapedeck }) {
  const text = useText(jobsText)
  const describe = useErrorText()
  const { list, isLoadingPage, error } = useStore(tapedeck.jobs.state)
  const uploads = useStore(tapedeck.uploads.state)
  const named = useNamedJob(tapedeck)
  const namedJob = named.id === undefined ? undefined : list.jobs.get(named.id)
  const visible = withNamed(visibleJobs(list), namedJob)
  const listed = visible.filter((job) => !uploads.some((upload) => isUploadOf(upload, job)))
  // Before the list is there, nothing can be brought into view: it would push it out again.
  const isSettled = list.isLoaded || error !== undefined
  const isEmpty = list.isLoaded && listed.length === 0 && uploads.length === 0

  return (
    <section aria-labelledby="files">
      <h2 id="files" tabIndex={-1}>
        {text.yourFiles}
      </h2>
      {named.error !== undefined && !namedJob && (
        <p class="notice error" role="alert">
          {describe(named.error)}
        </p>
      )}
      <ul class="files">
        <UploadItems uploads={tapedeck.uploads} items={uploads} />
        {listed.map((job) => (
          <JobItem key={job.id} job={job} isNamed={isSettled && job.id === named.id} tapedeck={tapedeck} />
        ))}
      </ul>
      {isEmpty && <p class="placeholder">{text.empty}</p>}
      {!list.isLoaded && error === undefined && <p class="placeholder">{text.loading}</p>}
      {error !== undefined && (
        <p class="notice error" role="alert">
          {describe(error)}
        </p>
      )}
      {(list.next !== undefined || error !== undefined) && (
        <button class="more" disabled={isLoadingPage} onClick={() => void tapedeck.jobs.loadMore()}>
          {error === undefined ? text.more : text.tryAgain}
        </button>
      )}
    </section>
  )
}

/** A job that the address names is shown even where the list has not been read as far as to it. */
const withNamed = (listed: JobView[], named: JobView | undefined): JobView[] =>
  named === undefined || listed.some(({ id }) => id === named.id) ? listed : [named, ...listed]
