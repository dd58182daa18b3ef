import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newCollection, type Counter, type RecordStoreSuite } from './suite.ts'

/** A record is what was written. */
export function getAndSet({ store, put, read, remove }: RecordStoreSuite): void {
  describe('a record', () => {
    it('that was never written is undefined, read at a time all the same', async () => {
      const { data, readAt } = await store().get(newCollection(), 'nothing')
      assert.equal(data, undefined)
      assert.ok(readAt instanceof Date)
    })

    const values: Record<string, unknown> = {
      'an empty text': '',
      'a text in many scripts': 'Grüße, 世界, שלום, 🎬👩‍👩‍👧, e\u0301',
      'a text with quotes, backslashes and lines': 'a "b" \\c\n\t\'d\' %s ${e}',
      'texts that begin with control characters': [
        '\u0001',
        '\u0001\u0001a',
        '\u00012026-01-01T00:00:00.000Z',
        '\u001f',
      ],
      'a text that looks like a time': '2026-01-01T00:00:00.000Z',
      'a long text': 'ä'.repeat(20_000),
      'zero, negative and large whole numbers': [0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER],
      fractions: [0.1, -2.5, 1e-9, 1.7976931348623157e308],
      'true and false': [true, false],
      null: null,
      'a time': new Date('2026-02-28T12:34:56.789Z'),
      'a time before 1970': new Date('1969-07-20T20:17:40.000Z'),
      'times in an array': [new Date(0), new Date(1)],
      'an empty map and an empty array': { map: {}, array: [] },
      'maps in maps': { a: { b: { c: { d: 'deep' } } } },
      'maps in an array, arrays in maps': [{ a: ['x', { b: [1] }] }, { a: [] }],
      'odd names of fields': { 'a.b': 1, 'with space': 2, '000001': 3, ключ: 4, '/': 5 },
    }
    for (const [what, value] of Object.entries(values)) {
      it(`gives back ${what} as written`, async () => {
        const collection = newCollection<{ value: unknown }>()
        await put(collection, 'a', { value })
        assert.deepEqual(await read(collection, 'a'), { value })
      })
    }

    it('leaves out fields that are undefined, in maps too', async () => {
      const collection = newCollection<{
        a?: number | undefined
        map: { b?: number | undefined; c: number }
      }>()
      await put(collection, 'a', { a: undefined, map: { b: undefined, c: 1 } })
      const data = await read(collection, 'a')
      assert.deepEqual(data, { map: { c: 1 } })
      assert.deepEqual(Object.keys(data ?? {}), ['map'])
    })

    it('is replaced as a whole by set', async () => {
      const collection = newCollection<{ a?: number; map: Record<string, number> }>()
      await put(collection, 'a', { a: 1, map: { b: 1, c: 1 } })
      await put(collection, 'a', { map: { b: 2 } })
      assert.deepEqual(await read(collection, 'a'), { map: { b: 2 } })
    })

    it('is gone once deleted, and can be created again', async () => {
      const collection = newCollection<Counter>()
      await put(collection, 'a', { count: 1 })
      await remove(collection, 'a')
      assert.equal(await read(collection, 'a'), undefined)
      await store().transact(async (tx) => tx.create(collection, 'a', { count: 2 }))
      assert.deepEqual(await read(collection, 'a'), { count: 2 })
    })

    it('that is not there can be deleted', async () => {
      const collection = newCollection<Counter>()
      await remove(collection, 'nothing')
      assert.equal(await read(collection, 'nothing'), undefined)
    })

    it('is another than the one with the same id in another collection', async () => {
      const [one, other] = [newCollection<Counter>(), newCollection<Counter>()]
      await put(one, 'same', { count: 1 })
      await put(other, 'same', { count: 2 })
      await remove(one, 'same')
      assert.deepEqual(await read(other, 'same'), { count: 2 })
    })
  })
}
