import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { jobs, type Actor, type Job } from '../../lib/jobs/job.ts'
import { newJobId, sourceName } from '../../lib/jobs/names.ts'
import { beginJob } from '../../lib/jobs/begin.ts'
import { transition } from '../../lib/jobs/transition.ts'
import { Problem } from '../../lib/problems.ts'
import type { Limits } from '../../lib/quota.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import type { RecordStore } from '../../platform/ports.ts'
import { admit, confirm } from './admission.ts'

const actor: Actor = { function: 'upload', instance: '1' }

describe('Uploads that were all written before any of them was checked', { timeout: 30_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  let records: RecordStore
  before(async () => {
    ;({ local, close } = await openLocal('admission'))
    records = await local.records()
  })
  after(() => close())

  /** Writes so many jobs of one size in one transaction, hence at one time, under ids in no order. */
  async function write(owner: string, count: number, size: number): Promise<string[]> {
    const ids = Array.from({ length: count }, newJobId).toSorted((a, b) =>
      a.slice(-4) < b.slice(-4) ? -1 : 1,
    )
    await records.transact(async (tx) => {
      for (const id of ids) {
        const source = { bucket: 'source', name: sourceName(id) }
        const job = { owner, filename: 'a.mp4', size, contentType: 'video/mp4', options: {}, source }
        tx.create(jobs, id, beginJob(job, 'session', actor, new Date()))
      }
    })
    return ids
  }

  const remove = (id: string): Promise<void> =>
    records.transact(async (tx) => {
      const { data, readAt } = await tx.get(jobs, id)
      if (data) tx.set(jobs, id, transition(data, { type: 'deleted', actor }, readAt))
    })

  /** Checks them all at once. Those that are refused go. The jobs that stay, and why the others do not. */
  async function outcome(ids: string[], bytes: number, limits: Limits) {
    const refusals = await Promise.all(
      ids.map((id) =>
        confirm(id, { bytes, known: 'exactly' }, limits).then(
          () => undefined,
          async (error: unknown) => {
            assert.ok(error instanceof Problem, String(error))
            await remove(id)
            return error.code
          },
        ),
      ),
    )
    return {
      admitted: ids.filter((_id, index) => refusals[index] === undefined),
      codes: new Set(refusals.filter((code) => code !== undefined)),
    }
  }

  for (const [what, limits, code] of [
    ['as many places as there are', { jobs: 5 }, 'TOO_MANY_JOBS'],
    ['as much room as there is', { storedBytes: 599 }, 'STORAGE_QUOTA_EXCEEDED'],
  ] as const) {
    it(`get ${what}, and those first that were written first`, async () => {
      const owner = randomUUID()
      const earlier = await write(owner, 2, 100)
      const first = (await records.get(jobs, earlier[0] ?? '')).readAt
      // The others are to be of another millisecond.
      while ((await records.get(jobs, '')).readAt <= first);
      const later = await write(owner, 18, 100)
      await write(randomUUID(), 20, 100)
      const { admitted, codes } = await outcome([...later, ...earlier], 100, limits)
      assert.deepEqual(new Set(admitted.slice(-2)), new Set(earlier))
      assert.equal(admitted.length, 5)
      assert.deepEqual(codes, new Set([code]))
    })
  }

  it('give way at once where earlier ones leave no room', async (t) => {
    // Nobody lets the time go by for which one that is earlier would wait.
    t.mock.timers.enable({ apis: ['setTimeout'] })
    for (const limits of [{ jobs: 1 }, { storedBytes: 199 }]) {
      const [later = '', earlier] = (await inOrder(await write(randomUUID(), 2, 100))).toReversed()
      assert.deepEqual((await outcome([later], 100, limits)).admitted, [])
      assert.ok(earlier)
      assert.deepEqual((await outcome([earlier], 100, limits)).admitted, [earlier])
    }
  })

  /** As the store has them. */
  async function inOrder(ids: string[]): Promise<string[]> {
    const { data: job } = await records.get(jobs, ids[0] ?? '')
    const { records: found } = await records.query({
      collection: jobs,
      where: [{ field: 'owner', is: '==', value: job?.owner ?? '' }],
      orderBy: { field: 'createdAt', direction: 'desc' },
      limit: ids.length,
    })
    return found.map(({ id }) => id).toReversed()
  }

  it('do not take what a job had that was given up before they were checked', async () => {
    const [gone = '', ...rest] = await write(randomUUID(), 3, 100)
    await remove(gone)
    const { admitted } = await outcome(rest, 100, { jobs: 2, storedBytes: 200 })
    assert.deepEqual(admitted, rest)
  })

  it('do not take the place of a later one that could not see them when it was checked', async (t) => {
    const owner = randomUUID()
    const [late = ''] = await write(owner, 1, 100)
    const hidden = await hide(late)
    const [early = ''] = await write(owner, 1, 100)
    assert.deepEqual((await outcome([early], 100, { jobs: 1 })).admitted, [early])
    await records.transact(async (tx) => tx.set(jobs, late, hidden))
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const over = new AbortController()
    const checked = outcome([late], 100, { jobs: 1 }).finally(() => over.abort())
    checked.catch(() => undefined)
    while (!over.signal.aborted && !t.signal.aborted) {
      t.mock.timers.tick(1000)
      await setImmediate()
    }
    assert.deepEqual(await checked, { admitted: [], codes: new Set(['TOO_MANY_JOBS']) })
  })

  /** As if the job's transaction had not been committed yet. */
  async function hide(id: string): Promise<Job> {
    const { data } = await records.get(jobs, id)
    assert.ok(data)
    await records.transact(async (tx) => tx.delete(jobs, id))
    return data
  }

  it('cost no look at other jobs where there is no limit', async (t) => {
    const [id = ''] = await write(randomUUID(), 1, 100)
    const asked = (['get', 'count', 'sum', 'query'] as const).map((name) => t.mock.method(records, name))
    const limits = await admit(randomUUID(), { bytes: 100, known: 'exactly' })
    const { admitted } = await outcome([id], 100, { ...limits, fileBytes: 100 })
    assert.deepEqual(admitted, [id])
    assert.deepEqual(
      asked.map(({ mock }) => mock.callCount()),
      // What the account may have.
      [1, 0, 0, 0],
    )
  })
})
