import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { jobs, type Job } from '../../../lib/jobs/job.ts'
import { newCollection, someJob, type Counter, type RecordStoreSuite } from './suite.ts'
import { watching } from './watching.ts'

/** What a watch is told, and when. */
export function watch({ store, put, putAll, remove }: RecordStoreSuite): void {
  describe('a watch', () => {
    it('of one record tells how it is, and every change, to its end and its return', async () => {
      const collection = newCollection<Counter>()
      await put(collection, 'a', { count: 1 })
      const watch = watching(store(), { collection, id: 'a' })
      const isCount = (count: number | undefined) => () => watch.seen.get('a')?.count === count
      await watch.until(isCount(1))
      await put(collection, 'a', { count: 2 })
      await watch.until(isCount(2))
      await remove(collection, 'a')
      await watch.until(() => watch.calls.flat().at(-1)?.data === undefined)
      await put(collection, 'a', { count: 3 })
      await watch.until(isCount(3))
      watch.stop()
      assert.deepEqual([...new Set(watch.calls.flat().map(({ id }) => id))], ['a'])
    })

    it('of a record that is not there begins with its creation', async () => {
      const collection = newCollection<Counter>()
      const watch = watching(store(), { collection, id: 'a' })
      await put(collection, 'other', { count: 1 })
      await put(collection, 'a', { count: 1 })
      await watch.until(() => watch.seen.has('a'))
      watch.stop()
      assert.deepEqual(watch.calls[0], [{ id: 'a', data: { count: 1 } }])
    })

    it('ends with the latest state, however fast the changes come', async () => {
      const collection = newCollection<Counter>()
      const watch = watching(store(), { collection, id: 'a' })
      for (let count = 1; count <= 20; count++) await put(collection, 'a', { count })
      await watch.until(() => watch.seen.get('a')?.count === 20)
      watch.stop()
      const counts = watch.calls.flat().map(({ data }) => data?.count ?? 0)
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => a - b),
        'and never goes back',
      )
    })

    it('of a condition tells what comes under it, changes, leaves it, and is deleted', async () => {
      const collection = newCollection<{ group: string; count: number }>()
      await putAll(collection, {
        before: { group: 'in', count: 1 },
        elsewhere: { group: 'out', count: 1 },
        doomed: { group: 'in', count: 1 },
      })
      const watch = watching(store(), { collection, where: [{ field: 'group', is: '==', value: 'in' }] })
      const isSeen =
        (...expected: string[]) =>
        (): boolean =>
          watch.seen.size === expected.length && expected.every((id) => watch.seen.has(id))
      await watch.until(isSeen('before', 'doomed'))
      await put(collection, 'new', { group: 'in', count: 1 })
      await watch.until(isSeen('before', 'doomed', 'new'))
      await put(collection, 'before', { group: 'in', count: 2 })
      await watch.until(() => watch.seen.get('before')?.count === 2)
      await put(collection, 'before', { group: 'out', count: 3 })
      await watch.until(isSeen('doomed', 'new'))
      await put(collection, 'elsewhere', { group: 'in', count: 2 })
      await watch.until(isSeen('doomed', 'new', 'elsewhere'))
      await remove(collection, 'doomed')
      await watch.until(isSeen('new', 'elsewhere'))
      await put(collection, 'unseen', { group: 'out', count: 1 })
      await put(collection, 'last', { group: 'in', count: 1 })
      await watch.until(() => watch.seen.has('last'))
      watch.stop()
      assert.ok(!watch.calls.flat().some(({ id }) => id === 'unseen'))
    })

    it('of a range begins with what matches, in order', async () => {
      const owner = `user-${randomUUID()}`
      const at = (n: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, n))
      const job = (n: number): Job => ({ ...someJob, owner, updatedAt: at(n) })
      await putAll(jobs, {
        [`${owner}-z`]: job(2),
        [`${owner}-a`]: job(3),
        [`${owner}-m`]: job(1),
        [`${owner}-0`]: job(0),
      })
      const watch = watching(store(), {
        collection: jobs,
        where: [
          { field: 'owner', is: '==', value: owner },
          { field: 'updatedAt', is: '>=', value: at(1) },
        ],
      })
      await watch.until(() => watch.seen.size === 3)
      await put(jobs, `${owner}-0`, job(4))
      await watch.until(() => watch.seen.size === 4)
      watch.stop()
      assert.deepEqual(
        watch.calls.flat().map(({ id }) => id.slice(-1)),
        ['m', 'z', 'a', '0'],
      )
    })

    it('that was stopped is told nothing more', async () => {
      const collection = newCollection<Counter>()
      await put(collection, 'a', { count: 1 })
      const stopped = watching(store(), { collection, id: 'a' })
      const other = watching(store(), { collection, id: 'a' })
      await Promise.all([stopped, other].map((watch) => watch.until(() => watch.seen.has('a'))))
      stopped.stop()
      await put(collection, 'a', { count: 2 })
      await other.until(() => other.seen.get('a')?.count === 2)
      other.stop()
      assert.deepEqual(stopped.seen.get('a'), { count: 1 })
    })

    it('that was stopped at once is told nothing at all', async () => {
      const collection = newCollection<Counter>()
      await put(collection, 'a', { count: 1 })
      const stopped = watching(store(), { collection, id: 'a' })
      stopped.stop()
      const other = watching(store(), { collection, id: 'a' })
      await other.until(() => other.seen.has('a'))
      other.stop()
      assert.deepEqual(stopped.calls, [])
    })
  })
}
