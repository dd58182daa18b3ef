import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Collection } from '../../../lib/collection.ts'
import { StoreError, type Transaction } from '../../../platform/ports.ts'
import { newCollection, type Counter, type RecordStoreSuite } from './suite.ts'

/** Transactions happen all or not at all, one by one and many at once. */
export function transact({ store, put, putAll, read }: RecordStoreSuite): void {
  const increment = (collection: Collection<Counter>, id: string): Promise<void> =>
    store().transact(async (tx) => {
      const { data } = await tx.get(collection, id)
      tx.set(collection, id, { count: (data?.count ?? 0) + 1 })
    })

  describe('a transaction', () => {
    it('returns what its work returns, and sees what was committed before', async () => {
      const collection = newCollection<Counter>()
      await put(collection, 'a', { count: 7 })
      const result = await store().transact(async (tx) => {
        const [there, missing] = [await tx.get(collection, 'a'), await tx.get(collection, 'b')]
        assert.ok(there.readAt instanceof Date)
        assert.ok(missing.readAt instanceof Date)
        return [there.data, missing.data]
      })
      assert.deepEqual(result, [{ count: 7 }, undefined])
    })

    it('writes to several records of several collections at once', async () => {
      const [one, other] = [newCollection<Counter>(), newCollection<Counter>()]
      await put(one, 'old', { count: 0 })
      await store().transact(async (tx) => {
        tx.create(one, 'a', { count: 1 })
        tx.set(other, 'b', { count: 2 })
        tx.delete(one, 'old')
      })
      assert.deepEqual(await read(one, 'a'), { count: 1 })
      assert.deepEqual(await read(other, 'b'), { count: 2 })
      assert.equal(await read(one, 'old'), undefined)
    })

    it('creates nothing over an existing record: ALREADY_EXISTS, and none of its writes happen', async () => {
      const collection = newCollection<Counter>()
      await put(collection, 'a', { count: 1 })
      const creating = store().transact(async (tx) => {
        tx.set(collection, 'b', { count: 2 })
        tx.create(collection, 'a', { count: 2 })
      })
      await assert.rejects(creating, hasCode('ALREADY_EXISTS'))
      assert.deepEqual(await read(collection, 'a'), { count: 1 })
      assert.equal(await read(collection, 'b'), undefined)
    })

    it('whose work throws writes nothing and rejects with that very error', async () => {
      const collection = newCollection<Counter>()
      const mistake = new Error('changed my mind')
      const failing = store().transact(async (tx) => {
        tx.set(collection, 'a', { count: 1 })
        throw mistake
      })
      await assert.rejects(failing, (error) => error === mistake)
      assert.equal(await read(collection, 'a'), undefined)
    })

    it('refuses to read after its first write', async () => {
      const collection = newCollection<Counter>()
      const reading = store().transact(async (tx) => {
        tx.set(collection, 'a', { count: 1 })
        await tx.get(collection, 'b')
      })
      await assert.rejects(reading)
      assert.equal(await read(collection, 'a'), undefined)
    })
  })

  describe('concurrent transactions', () => {
    it('on one record lose no update: two', async () => {
      const collection = newCollection<Counter>()
      await Promise.all([increment(collection, 'a'), increment(collection, 'a')])
      assert.deepEqual(await read(collection, 'a'), { count: 2 })
    })

    it('on one record lose no update: ten increments end at ten', async () => {
      const collection = newCollection<Counter>()
      await put(collection, 'a', { count: 0 })
      await Promise.all(Array.from({ length: 10 }, () => increment(collection, 'a')))
      assert.deepEqual(await read(collection, 'a'), { count: 10 })
    })

    it('that create one record: one does, the others get ALREADY_EXISTS', async () => {
      const collection = newCollection<Counter>()
      const outcomes = await Promise.allSettled(
        Array.from({ length: 4 }, (_, count) =>
          store().transact(async (tx) => tx.create(collection, 'a', { count })),
        ),
      )
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      assert.equal(refused.length, 3)
      for (const { reason } of refused) assert.ok(hasCode('ALREADY_EXISTS')(reason))
    })

    it('that create a record unless it is there: one does, the others find it', async () => {
      const collection = newCollection<Counter>()
      const created = await Promise.all(
        Array.from({ length: 4 }, (_, count) =>
          store().transact(async (tx) => {
            if ((await tx.get(collection, 'a')).data) return false
            tx.create(collection, 'a', { count })
            return true
          }),
        ),
      )
      assert.equal(created.filter(Boolean).length, 1)
    })

    it('see one moment: what is moved between two records is always in exactly one', async () => {
      const accounts = newCollection<Counter>()
      await putAll(accounts, { one: { count: 50 }, two: { count: 50 } })
      const balances = (tx: Transaction): Promise<number[]> =>
        Promise.all(['one', 'two'].map(async (id) => (await tx.get(accounts, id)).data?.count ?? 0))
      const move = (amount: number): Promise<void> =>
        store().transact(async (tx) => {
          const [one = 0, two = 0] = await balances(tx)
          tx.set(accounts, 'one', { count: one - amount })
          tx.set(accounts, 'two', { count: two + amount })
        })
      const sum = (): Promise<number> =>
        store().transact(async (tx) => (await balances(tx)).reduce((all, count) => all + count))
      const amounts = [1, 2, 3, 4, 5]
      const [sums] = await Promise.all([Promise.all(amounts.map(sum)), Promise.all(amounts.map(move))])
      assert.deepEqual(sums, [100, 100, 100, 100, 100])
      assert.deepEqual(await read(accounts, 'one'), { count: 35 })
      assert.deepEqual(await read(accounts, 'two'), { count: 65 })
    })
  })
}

const hasCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof StoreError && error.code === code
