import type { DeletedJobView, JobView } from '../../lib/jobs/view.ts'
import type { JobChange } from './job.ts'

/** What is known of the jobs: pages of the list, and every change since. */
export interface JobList {
  jobs: ReadonlyMap<string, JobView>
  /** Ids that must not come back by an older answer: of those that were deleted last. */
  deleted: ReadonlySet<string>
  /** The list has been read this far: older jobs are on pages to come. */
  next?: { pageToken: string; olderThan: string } | undefined
  isLoaded: boolean
  /** All jobs there are are known: whichever of them are asked for, nobody else need be asked. */
  isWhole: boolean
}

export const emptyJobList: JobList = { jobs: new Map(), deleted: new Set(), isLoaded: false, isWhole: false }

/** More than could be deleted while an older answer is on its way. */
const mostDeleted = 10_000

/** The list after jobs that changed. Answers may overtake each other: of two states of a job, the newer stays. */
export function withChanges(list: JobList, changes: readonly JobChange[]): JobList {
  const jobs = new Map(list.jobs)
  const deleted = new Set(list.deleted)
  for (const change of changes) {
    if (change.status === 'DELETED') {
      jobs.delete(change.id)
      deleted.add(change.id)
    } else if (!deleted.has(change.id) && change.updatedAt >= (jobs.get(change.id)?.updatedAt ?? '')) {
      jobs.set(change.id, change)
    }
  }
  // A set gives its values in the order in which they came.
  for (const id of deleted) {
    if (deleted.size <= mostDeleted) break
    deleted.delete(id)
  }
  return { ...list, jobs, deleted }
}

/** The list after a page of it. What the events have told meanwhile is at least as new as the page. */
export function withPage(
  list: JobList,
  page: { jobs: JobView[]; nextPageToken?: string },
  isFirst: boolean,
): JobList {
  const fresh = page.jobs.filter(({ id, updatedAt }) => updatedAt > (list.jobs.get(id)?.updatedAt ?? ''))
  const { next, ...rest } = withChanges(list, fresh)
  // A first page read again that reaches what is known: the pages after it have been read already.
  const isJoined = isFirst && list.isLoaded && page.jobs.some(({ id }) => list.jobs.has(id))
  const further = isJoined ? next : nextOf(page)
  return { ...rest, ...(further && { next: further }), isLoaded: true }
}

/** Of the jobs that were known when the first page of them was asked for, those that it would have if there still were any. */
export function goneBy(
  known: Iterable<JobView>,
  page: { jobs: JobView[]; nextPageToken?: string },
): DeletedJobView[] {
  const listed = new Set(page.jobs.map(({ id }) => id))
  const oldest = page.nextPageToken === undefined ? '' : (page.jobs.at(-1)?.createdAt ?? '')
  return [...known]
    .filter(({ id, createdAt }) => createdAt > oldest && !listed.has(id))
    .map(({ id, updatedAt }) => ({ id, status: 'DELETED', updatedAt }))
}

function nextOf({
  jobs,
  nextPageToken: pageToken,
}: {
  jobs: JobView[]
  nextPageToken?: string
}): JobList['next'] {
  const olderThan = jobs.at(-1)?.createdAt
  return pageToken === undefined || olderThan === undefined ? undefined : { pageToken, olderThan }
}

/**
 * The jobs to be shown, newest first. An old job that has changed waits for its page, so that the order has no holes.
 * Jobs of forms under way are left out: whoever sends one sees it as an upload, and it is over within seconds.
 */
export function visibleJobs({ jobs, next }: JobList): JobView[] {
  return [...jobs.values()]
    .filter(({ createdAt }) => next === undefined || createdAt >= next.olderThan)
    .filter(({ status, size }) => status !== 'UPLOADING' || size > 0)
    .toSorted((a, b) => compare(b.createdAt, a.createdAt) || compare(b.id, a.id))
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
