import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JobView } from '../../lib/jobs/view.ts'
import { listedJob } from './listed-job.ts'

/** Its public part, imported as in live-jobs.test.ts. */
interface BulkRun {
  state: { get(): { running?: { count: number; total: number }; result?: { done: JobView[] } } }
  run(action: 'delete' | 'retry', chosen: readonly JobView[]): Promise<void>
  stop(): void
  leave(): void
}
const path = new URL('../../web/jobs/bulk-run.ts', import.meta.url).href
const { BulkRun } = (await import(path)) as { BulkRun: new (jobs: unknown) => BulkRun }

const many = Array.from({ length: 20 }, (_, index) => listedJob(String(index), index))

describe('What is done with many jobs', () => {
  /** Deletes until `end` is called, which is after so many. */
  function deleting(end: (bulk: BulkRun) => void) {
    const deleted: string[] = []
    const bulk = new BulkRun({
      async delete(id: string) {
        deleted.push(id)
        if (deleted.length === 6) end(bulk)
      },
    })
    return { bulk, deleted }
  }

  it('is done with each, and then told', async () => {
    const { bulk, deleted } = deleting(() => {})
    await bulk.run('delete', many)
    assert.equal(deleted.length, many.length)
    assert.equal(bulk.state.get().result?.done.length, many.length)
  })

  it('ends where it is stopped, and what was done is told', async () => {
    const { bulk, deleted } = deleting((running) => running.stop())
    await bulk.run('delete', many)
    assert.ok(deleted.length < many.length)
    assert.equal(bulk.state.get().result?.done.length, deleted.length)
  })

  it('does not go on for whoever signs in next, who sees nothing of it', async () => {
    const { bulk, deleted } = deleting((running) => running.leave())
    await bulk.run('delete', many)
    assert.ok(deleted.length < many.length)
    assert.deepEqual(bulk.state.get(), {})
  })
})
