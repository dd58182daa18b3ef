import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, it } from 'node:test'
import type { Collection } from '../../../lib/collection.ts'
import { jobs, type Job } from '../../../lib/jobs/job.ts'
import { newCollection, someJob, type RecordStoreSuite } from './suite.ts'

/** What an index adds up. */
export function countAndSum({ store, put, putAll, remove }: RecordStoreSuite): void {
  describe('a count and a sum', () => {
    interface Thing {
      group: string
      size?: number
    }
    const totals = async (collection: Collection<Thing>, group = 'a'): Promise<[number, number]> => {
      const count = store().count({ collection, where: [{ field: 'group', is: '==', value: group }] })
      const sum = store().sum({ collection, where: [{ field: 'size', is: '>=', value: 3 }] }, 'size')
      return Promise.all([count, sum])
    }

    it('are of what matches, and 0 where nothing does', async () => {
      const collection = newCollection<Thing>()
      assert.deepEqual(await totals(collection), [0, 0])
      await putAll(collection, {
        one: { group: 'a', size: 2 },
        two: { group: 'a', size: 3 },
        three: { group: 'b', size: 40 },
        unsized: { group: 'a' },
      })
      assert.deepEqual(await totals(collection), [3, 43])
      assert.deepEqual(await totals(collection, 'c'), [0, 43])
    })

    it('see what has just been committed, and nothing of another collection', async () => {
      const [collection, other] = [newCollection<Thing>(), newCollection<Thing>()]
      await put(other, 'x', { group: 'a', size: 100 })
      for (const [size, expected] of [
        [5, [1, 5]],
        [7, [1, 7]],
      ] as const) {
        await put(collection, 'x', { group: 'a', size })
        assert.deepEqual(await totals(collection), expected)
      }
      await remove(collection, 'x')
      assert.deepEqual(await totals(collection), [0, 0])
    })

    it('are exact beyond what 32 bits hold', async () => {
      const collection = newCollection<Thing>()
      const sizes = [5 * 2 ** 40, 2 ** 50, 1]
      await putAll(
        collection,
        Object.fromEntries(sizes.map((size, index) => [`${index}`, { group: 'a', size }])),
      )
      const sum = await store().sum({ collection, where: [{ field: 'size', is: '>=', value: 1 }] }, 'size')
      assert.equal(sum, 5 * 2 ** 40 + 2 ** 50 + 1)
    })

    it('are given, if not to the last digit, where no number can hold them exactly', async () => {
      const collection = newCollection<Thing>()
      const thing = { group: 'a', size: Number.MAX_SAFE_INTEGER }
      await putAll(collection, { one: thing, two: thing, three: thing })
      const sum = await store().sum({ collection, where: [{ field: 'size', is: '>=', value: 1 }] }, 'size')
      assert.equal(sum, 3 * Number.MAX_SAFE_INTEGER)
    })

    describe('of jobs, over several fields', () => {
      const [mine, theirs] = [`user-${randomUUID()}`, `user-${randomUUID()}`]
      const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 1, 0, n))
      const job = (owner: string, n: number, rest: Partial<Job>): Job => ({
        ...someJob,
        owner,
        createdAt: minute(n),
        ...rest,
      })
      const owned = { field: 'owner', is: '==', value: mine } as const
      const begunBefore = (n: number) => ({ field: 'createdAt', is: '<', value: minute(n) }) as const
      const active = { field: 'active', is: '==', value: true } as const
      before(() =>
        putAll(jobs, {
          [`${mine}-1`]: job(mine, 1, { storedBytes: 1, active: false }),
          [`${mine}-2`]: job(mine, 2, { storedBytes: 20, active: true }),
          [`${mine}-3`]: job(mine, 3, { storedBytes: 300, active: true }),
          [`${mine}-4`]: job(mine, 4, {}),
          [`${theirs}-1`]: job(theirs, 1, { storedBytes: 4000, active: true }),
        }),
      )

      it("adds up one owner's, those begun before a time", async () => {
        const sum = (n: number): Promise<number> =>
          store().sum({ collection: jobs, where: [owned, begunBefore(n)] }, 'storedBytes')
        assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(sum)), [0, 1, 21, 321, 321])
      })
      it("counts one owner's that are active, those begun before a time", async () => {
        const count = (n: number): Promise<number> =>
          store().count({ collection: jobs, where: [owned, active, begunBefore(n)] })
        assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(count)), [0, 0, 1, 2, 2])
      })
    })
  })
}
