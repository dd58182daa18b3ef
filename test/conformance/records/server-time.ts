import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { serverTime, type Writable } from '../../../lib/server-time.ts'
import { newCollection, type RecordStoreSuite } from './suite.ts'

/** Times are written by the store's clock. */
export function serverTimes({ store, put, read }: RecordStoreSuite): void {
  describe('a server time', () => {
    interface Timed {
      at: Date
      nested: { deeper: { at: Date } }
    }
    const now = (): Writable<Timed> => ({ at: serverTime(), nested: { deeper: { at: serverTime() } } })

    it("is the store's clock at the commit, the same in every field, in maps too", async () => {
      const collection = newCollection<Timed>()
      const { readAt: earlier } = await store().get(collection, 'a')
      await put(collection, 'a', now())
      const { data, readAt: later } = await store().get(collection, 'a')
      assert.ok(data?.at instanceof Date)
      assert.ok(
        earlier <= data.at && data.at <= later,
        `${earlier.toISOString()} ${data.at.toISOString()} ${later.toISOString()}`,
      )
      assert.deepEqual(data.nested.deeper.at, data.at)
    })

    it('never goes back from one write of a record to the next', async () => {
      const collection = newCollection<Timed>()
      await put(collection, 'a', now())
      const first = await read(collection, 'a')
      await put(collection, 'a', now())
      const second = await read(collection, 'a')
      assert.ok(first && second && first.at <= second.at)
    })

    it('stays what it was when the record is written back as read', async () => {
      const collection = newCollection<Timed>()
      await put(collection, 'a', now())
      const first = await read(collection, 'a')
      assert.ok(first)
      await put(collection, 'a', first)
      assert.deepEqual(await read(collection, 'a'), first)
    })

    for (const [where, value] of [
      ['an array', [serverTime()]],
      ['a map in an array', [{ at: serverTime() }]],
    ] as const) {
      it(`is refused in ${where}`, async () => {
        const collection = newCollection<{ value: unknown }>()
        await assert.rejects(put(collection, 'a', { value }))
        assert.equal(await read(collection, 'a'), undefined)
      })
    }
  })
}
