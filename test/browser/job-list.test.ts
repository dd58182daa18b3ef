import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  emptyJobList,
  goneBy,
  visibleJobs,
  withChanges,
  withPage,
  type JobList,
} from '../../web/jobs/job-list.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import { at, listedJob as job } from './listed-job.ts'

const done = (id: string, created: number, updated: number): JobView =>
  job(id, created, { status: 'MP3_COMPLETED', updatedAt: at(updated) })
const deleted = (id: string, updated: number) => ({ id, status: 'DELETED', updatedAt: at(updated) }) as const
const ids = (list: JobList): string[] => visibleJobs(list).map(({ id }) => id)

describe("The page's list of jobs", () => {
  it('is in order of creation, newest first, whatever came first', () => {
    const list = withChanges(emptyJobList, [job('b', 2), job('c', 3), job('a', 1)])
    assert.deepEqual(ids(list), ['c', 'b', 'a'])
  })

  it('keeps the newer state of a job, whichever answer came first', () => {
    const [older, newer] = [job('a', 1), done('a', 1, 5)]
    for (const changes of [
      [older, newer],
      [newer, older],
    ])
      assert.deepEqual(visibleJobs(withChanges(emptyJobList, changes)), [newer])
    assert.deepEqual(visibleJobs(withPage(withChanges(emptyJobList, [newer]), { jobs: [older] }, true)), [
      newer,
    ])
  })

  it('does not bring a deleted job back by an older answer', () => {
    const list = withChanges(emptyJobList, [deleted('a', 5)])
    assert.deepEqual(ids(withPage(list, { jobs: [job('a', 1)] }, true)), [])
  })

  it('remembers what was deleted, but not for ever', () => {
    const many = Array.from({ length: 10_001 }, (_, index) => deleted(`gone ${index}`, 1))
    const list = withChanges(withChanges(emptyJobList, many.slice(0, 5000)), many.slice(5000))
    assert.equal(list.deleted.size, 10_000)
    assert.ok(!list.deleted.has('gone 0'))
    assert.ok(list.deleted.has('gone 1') && list.deleted.has('gone 10000'))
  })

  it('leaves out a form that is under way, but not a session', () => {
    const form = job('form', 1, { status: 'UPLOADING', size: 0 })
    const session = job('session', 1, { status: 'UPLOADING' })
    assert.deepEqual(ids(withChanges(emptyJobList, [form, session])), ['session'])
  })

  it('goes on page by page', () => {
    const first = withPage(emptyJobList, { jobs: [job('d', 4), job('c', 3)], nextPageToken: 'more' }, true)
    assert.equal(first.next?.pageToken, 'more')
    const second = withPage(first, { jobs: [job('b', 2), job('a', 1)] }, false)
    assert.deepEqual(ids(second), ['d', 'c', 'b', 'a'])
    assert.equal(second.next, undefined)
  })

  it('shows an old job that changes only with its page, so that the order has no holes', () => {
    const first = withPage(emptyJobList, { jobs: [job('d', 4)], nextPageToken: 'more' }, true)
    const changed = withChanges(first, [done('a', 1, 9)])
    assert.deepEqual(ids(changed), ['d'])
    const last = withPage(changed, { jobs: [job('b', 2), job('a', 1)] }, false)
    assert.deepEqual(ids(last), ['d', 'b', 'a'])
    assert.equal(last.jobs.get('a')?.status, 'MP3_COMPLETED')
  })

  it('keeps the pages that were read when the first one is read again', () => {
    const first = withPage(emptyJobList, { jobs: [job('c', 3)], nextPageToken: 'after c' }, true)
    const all = withPage(first, { jobs: [job('b', 2), job('a', 1)] }, false)
    const again = withPage(all, { jobs: [job('d', 4), job('c', 3)], nextPageToken: 'after c' }, true)
    assert.deepEqual(ids(again), ['d', 'c', 'b', 'a'])
    assert.equal(again.next, undefined)
  })

  it('begins anew where so much is new that the first page reaches nothing known', () => {
    const known = withPage(emptyJobList, { jobs: [job('a', 1)] }, true)
    const again = withPage(known, { jobs: [job('z', 9)], nextPageToken: 'after z' }, true)
    assert.deepEqual(ids(again), ['z'])
    assert.equal(again.next?.pageToken, 'after z')
  })

  it('finds out by a page which jobs have been deleted: as far as the page goes', () => {
    const known = withChanges(emptyJobList, [job('d', 4), job('c', 3), job('b', 2), job('a', 1)])
    const gone = (page: Parameters<typeof goneBy>[1]): string[] =>
      goneBy(known.jobs.values(), page).map(({ id }) => id)
    assert.deepEqual(gone({ jobs: [job('d', 4), job('b', 2)], nextPageToken: 'after b' }), ['c'])
    assert.deepEqual(gone({ jobs: [job('d', 4), job('b', 2)] }), ['c', 'a'])
    assert.deepEqual(gone({ jobs: [job('e', 5), ...known.jobs.values()] }), [])
  })
})
