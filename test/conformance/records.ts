import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { Collection } from '../../lib/collection.ts'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { serverTime, type Writable } from '../../lib/server-time.ts'
import { StoreError, type Query, type RecordStore } from '../../platform/ports.ts'
import { watching } from './watching.ts'

export interface RecordStoreUnderTest {
  store: RecordStore
  close: () => Promise<void>
}

interface Counter {
  count: number
}

/** What every RecordStore must do. */
export function recordStoreConformance(name: string, makeStore: () => Promise<RecordStoreUnderTest>): void {
  describe(`RecordStore on ${name}`, { timeout: 300_000 }, () => {
    let made: RecordStoreUnderTest
    let store: RecordStore
    before(async () => {
      made = await makeStore()
      ;({ store } = made)
    })
    after(() => made.close())

    const put = <T>(collection: Collection<T>, id: string, data: Writable<T>): Promise<void> =>
      store.transact(async (tx) => tx.set(collection, id, data))
    const putAll = async <T>(
      collection: Collection<T>,
      all: Record<string, NoInfer<Writable<T>>>,
    ): Promise<void> =>
      store.transact(async (tx) => {
        for (const [id, data] of Object.entries(all)) tx.set(collection, id, data)
      })
    const remove = <T>(collection: Collection<T>, id: string): Promise<void> =>
      store.transact(async (tx) => tx.delete(collection, id))
    const read = async <T>(collection: Collection<T>, id: string): Promise<T | undefined> =>
      (await store.get(collection, id)).data
    const increment = <T extends Counter>(collection: Collection<T>, id: string): Promise<void> =>
      store.transact(async (tx) => {
        const { data } = await tx.get<Counter>(collection, id)
        tx.set<Counter>(collection, id, { count: (data?.count ?? 0) + 1 })
      })

    describe('a record', () => {
      it('that was never written is undefined, read at a time all the same', async () => {
        const { data, readAt } = await store.get(newCollection(), 'nothing')
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
        await store.transact(async (tx) => tx.create(collection, 'a', { count: 2 }))
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

    describe('a transaction', () => {
      it('returns what its work returns, and sees what was committed before', async () => {
        const collection = newCollection<Counter>()
        await put(collection, 'a', { count: 7 })
        const result = await store.transact(async (tx) => {
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
        await store.transact(async (tx) => {
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
        const creating = store.transact(async (tx) => {
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
        const failing = store.transact(async (tx) => {
          tx.set(collection, 'a', { count: 1 })
          throw mistake
        })
        await assert.rejects(failing, (error) => error === mistake)
        assert.equal(await read(collection, 'a'), undefined)
      })

      it('refuses to read after its first write', async () => {
        const collection = newCollection<Counter>()
        const reading = store.transact(async (tx) => {
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
            store.transact(async (tx) => tx.create(collection, 'a', { count })),
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
            store.transact(async (tx) => {
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
        const balances = (tx: Parameters<Parameters<RecordStore['transact']>[0]>[0]): Promise<number[]> =>
          Promise.all(['one', 'two'].map(async (id) => (await tx.get(accounts, id)).data?.count ?? 0))
        const move = (amount: number): Promise<void> =>
          store.transact(async (tx) => {
            const [one = 0, two = 0] = await balances(tx)
            tx.set(accounts, 'one', { count: one - amount })
            tx.set(accounts, 'two', { count: two + amount })
          })
        const sum = (): Promise<number> =>
          store.transact(async (tx) => (await balances(tx)).reduce((all, count) => all + count))
        const amounts = [1, 2, 3, 4, 5]
        const [sums] = await Promise.all([Promise.all(amounts.map(sum)), Promise.all(amounts.map(move))])
        assert.deepEqual(sums, [100, 100, 100, 100, 100])
        assert.deepEqual(await read(accounts, 'one'), { count: 35 })
        assert.deepEqual(await read(accounts, 'two'), { count: 65 })
      })
    })

    describe('a server time', () => {
      interface Timed {
        at: Date
        nested: { deeper: { at: Date } }
      }
      const now = (): Writable<Timed> => ({ at: serverTime(), nested: { deeper: { at: serverTime() } } })

      it("is the store's clock at the commit, the same in every field, in maps too", async () => {
        const collection = newCollection<Timed>()
        const { readAt: earlier } = await store.get(collection, 'a')
        await put(collection, 'a', now())
        const { data, readAt: later } = await store.get(collection, 'a')
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

    describe('a query', () => {
      type Where<T> = NonNullable<Query<T>['where']>
      const ids = async <T>(query: Query<T>): Promise<string[]> =>
        (await store.query(query)).records.map(({ id }) => id)

      interface Thing {
        text?: string
        number?: number
        flag?: boolean
        time?: Date
      }
      const things = newCollection<Thing>()
      before(() =>
        putAll(things, {
          a: { text: 'one', number: 10, flag: true, time: new Date('2026-01-10T00:00:00Z') },
          b: { text: 'three', number: 9, flag: false, time: new Date('2026-01-09T00:00:00Z') },
          c: { text: 'two', number: -1.5, flag: true, time: new Date('2026-01-09T00:00:00.001Z') },
          d: { text: 'Two', number: 9.25, flag: false, time: new Date('1969-12-31T00:00:00Z') },
          e: {},
        }),
      )

      const conditions: [what: string, where: Where<Thing>, expected: string[]][] = [
        ['a text', [{ field: 'text', is: '==', value: 'two' }], ['c']],
        ['a number', [{ field: 'number', is: '==', value: 9 }], ['b']],
        ['true', [{ field: 'flag', is: '==', value: true }], ['a', 'c']],
        ['false', [{ field: 'flag', is: '==', value: false }], ['b', 'd']],
        ['a time', [{ field: 'time', is: '==', value: new Date('2026-01-09T00:00:00.000Z') }], ['b']],
        ['numbers below', [{ field: 'number', is: '<', value: 9.25 }], ['b', 'c']],
        ['numbers up to', [{ field: 'number', is: '<=', value: 9.25 }], ['b', 'c', 'd']],
        ['numbers above', [{ field: 'number', is: '>', value: 9 }], ['a', 'd']],
        ['numbers from', [{ field: 'number', is: '>=', value: 9 }], ['a', 'b', 'd']],
        [
          'times before',
          [{ field: 'time', is: '<', value: new Date('2026-01-09T00:00:00.001Z') }],
          ['b', 'd'],
        ],
        [
          'times from',
          [{ field: 'time', is: '>=', value: new Date('2026-01-09T00:00:00.001Z') }],
          ['a', 'c'],
        ],
        [
          'texts from one to before another',
          [
            { field: 'text', is: '>=', value: 't' },
            { field: 'text', is: '<', value: 'tw' },
          ],
          ['b'],
        ],
        ['what nothing has', [{ field: 'text', is: '==', value: 'four' }], []],
        ['nothing of another case', [{ field: 'text', is: '==', value: 'TWO' }], []],
      ]
      for (const [what, where, expected] of conditions) {
        it(`finds ${what}`, async () => {
          const { field } = where[0] ?? { field: 'text' }
          const found = await ids({
            collection: things,
            where,
            orderBy: { field, direction: 'asc' },
            limit: 10,
          })
          assert.deepEqual(found.toSorted(), expected)
        })
      }

      for (const [field, ascending] of [
        ['number', ['c', 'b', 'd', 'a']],
        ['time', ['d', 'b', 'c', 'a']],
        ['text', ['d', 'a', 'b', 'c']],
      ] as const) {
        it(`orders by a ${field}, both ways, and leaves out records without one`, async () => {
          const query = (direction: 'asc' | 'desc'): Query<Thing> => ({
            collection: things,
            orderBy: { field, direction },
            limit: 10,
          })
          assert.deepEqual(await ids(query('asc')), ascending)
          assert.deepEqual(await ids(query('desc')), ascending.toReversed())
        })
      }

      it('orders texts by their UTF-8 bytes', async () => {
        const collection = newCollection<{ text: string }>()
        const texts = ['', '\u0001a', ' ', 'Z', 'a', 'aa', 'b', 'é', 'ж', '世', '～', '🎬']
        await putAll(collection, Object.fromEntries(texts.map((text, index) => [`${99 - index}`, { text }])))
        const { records } = await store.query({
          collection,
          orderBy: { field: 'text', direction: 'asc' },
          limit: 99,
        })
        assert.deepEqual(
          records.map(({ data }) => data.text),
          texts,
        )
      })

      it('gives whole records, and the time of reading', async () => {
        const { records, readAt } = await store.query({
          collection: things,
          where: [{ field: 'text', is: '==', value: 'one' }],
          orderBy: { field: 'text', direction: 'asc' },
          limit: 10,
        })
        assert.deepEqual(records, [{ id: 'a', data: await read(things, 'a') }])
        assert.ok(readAt instanceof Date)
      })

      it('gives no more than its limit, and the first ones', async () => {
        const orderBy = { field: 'number', direction: 'desc' } as const
        assert.deepEqual(await ids({ collection: things, orderBy, limit: 2 }), ['a', 'd'])
      })

      it('sees what has just been committed', async () => {
        const collection = newCollection<Counter>()
        const query = { collection, orderBy: { field: 'count', direction: 'asc' }, limit: 10 } as const
        assert.deepEqual(await ids(query), [])
        await put(collection, 'a', { count: 1 })
        assert.deepEqual(await ids(query), ['a'])
        await remove(collection, 'a')
        assert.deepEqual(await ids(query), [])
      })

      it('orders server times as they were committed', async () => {
        const collection = newCollection<{ at: Date }>()
        const order = ['m', 'z', 'a']
        for (const id of order) {
          await put(collection, id, { at: serverTime() })
          const written = await read(collection, id)
          // The next one is to be later even by a clock that counts milliseconds.
          while ((await store.get(collection, id)).readAt.getTime() === written?.at.getTime());
        }
        assert.deepEqual(
          await ids({ collection, orderBy: { field: 'at', direction: 'asc' }, limit: 9 }),
          order,
        )
      })

      for (const direction of ['asc', 'desc'] as const) {
        it(`goes on after a position, ties by id, ${direction}: pages make up the whole`, async () => {
          const collection = newCollection<{ rank: number }>()
          const ranks = { a: 2, b: 1, c: 2, d: 3, e: 2, f: 1, g: 2 }
          await putAll(
            collection,
            Object.fromEntries(Object.entries(ranks).map(([id, rank]) => [id, { rank }])),
          )
          const inOrder = ['b', 'f', 'a', 'c', 'e', 'g', 'd']
          const expected = direction === 'asc' ? inOrder : inOrder.toReversed()
          for (const limit of [1, 2, 3]) {
            const found = await pages({ collection, orderBy: { field: 'rank', direction }, limit }, 'rank')
            assert.deepEqual(found, expected, `in pages of ${limit}`)
          }
        })

        it(`goes on after a time and an id, ${direction}`, async () => {
          const collection = newCollection<{ at: Date }>()
          const at = new Date('2026-03-01T00:00:00.500Z')
          await putAll(collection, { a: { at: new Date(at.getTime() - 1) }, b: { at }, c: { at }, d: { at } })
          const found = await pages({ collection, orderBy: { field: 'at', direction }, limit: 1 }, 'at')
          assert.deepEqual(found, direction === 'asc' ? ['a', 'b', 'c', 'd'] : ['d', 'c', 'b', 'a'])
        })
      }

      it('goes on after a record that has been deleted since', async () => {
        const collection = newCollection<Counter>()
        await putAll(collection, { a: { count: 1 }, b: { count: 2 }, c: { count: 3 } })
        await remove(collection, 'b')
        const orderBy = { field: 'count', direction: 'asc' } as const
        assert.deepEqual(await ids({ collection, orderBy, after: { value: 2, id: 'b' }, limit: 9 }), ['c'])
      })

      async function pages<T>(query: Query<T>, field: keyof T & string): Promise<string[]> {
        const found: string[] = []
        for (let after: Query<T>['after']; ;) {
          const { records } = await store.query({ ...query, ...(after && { after }) })
          const last = records.at(-1)
          if (!last) return found
          found.push(...records.map(({ id }) => id))
          after = { value: last.data[field] as number | Date, id: last.id }
        }
      }

      describe('of jobs, over several fields', () => {
        const [mine, theirs] = [`user-${randomUUID()}`, `user-${randomUUID()}`]
        const minute = (n: number): Date => new Date(Date.UTC(2026, 0, 1, 0, n))
        const list: Record<string, Partial<Job>> = {
          [`${mine}-1`]: { owner: mine, status: 'FAILED', filename: 'holiday.avi', createdAt: minute(1) },
          [`${mine}-2`]: { owner: mine, status: 'ENQUEUED', filename: 'holiday 2.avi', createdAt: minute(2) },
          [`${mine}-3`]: { owner: mine, status: 'FAILED', filename: 'party.mp4', createdAt: minute(3) },
          [`${mine}-4`]: { owner: mine, status: 'FAILED', filename: 'Holiday.mp4', createdAt: minute(4) },
          [`${theirs}-1`]: { owner: theirs, status: 'FAILED', filename: 'holiday.avi', createdAt: minute(5) },
        }
        before(() =>
          putAll(
            jobs,
            Object.fromEntries(Object.entries(list).map(([id, rest]) => [id, { ...someJob, ...rest }])),
          ),
        )
        const newest = { field: 'createdAt', direction: 'desc' } as const
        const found = async (where: Where<Job>, after?: { value: Date; id: string }): Promise<string[]> => {
          const all: Where<Job> = [{ field: 'owner', is: '==', value: mine }, ...where]
          const query = { collection: jobs, where: all, orderBy: newest, limit: 10, ...(after && { after }) }
          return (await ids(query)).map((id) => id.slice(-1))
        }
        const prefix = (text: string): Where<Job> => [
          { field: 'filename', is: '>=', value: text },
          { field: 'filename', is: '<', value: `${text}\u{10FFFF}` },
        ]

        it("finds one owner's, newest first", async () => {
          assert.deepEqual(await found([]), ['4', '3', '2', '1'])
        })
        it('by status', async () => {
          assert.deepEqual(await found([{ field: 'status', is: '==', value: 'FAILED' }]), ['4', '3', '1'])
        })
        it('by the beginning of the filename', async () => {
          assert.deepEqual(await found(prefix('holiday')), ['2', '1'])
        })
        it('by status and the beginning of the filename', async () => {
          const failed = { field: 'status', is: '==', value: 'FAILED' } as const
          assert.deepEqual(await found([failed, ...prefix('holiday')]), ['1'])
        })
        it('after a position', async () => {
          assert.deepEqual(await found([], { value: minute(3), id: `${mine}-3` }), ['2', '1'])
          assert.deepEqual(await found(prefix('holiday'), { value: minute(2), id: `${mine}-2` }), ['1'])
        })
      })
    })

    describe('a count and a sum', () => {
      interface Thing {
        group: string
        size?: number
      }
      const totals = async (collection: Collection<Thing>, group = 'a'): Promise<[number, number]> => {
        const count = store.count({ collection, where: [{ field: 'group', is: '==', value: group }] })
        const sum = store.sum({ collection, where: [{ field: 'size', is: '>=', value: 3 }] }, 'size')
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
        const sum = await store.sum({ collection, where: [{ field: 'size', is: '>=', value: 1 }] }, 'size')
        assert.equal(sum, 5 * 2 ** 40 + 2 ** 50 + 1)
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
            store.sum({ collection: jobs, where: [owned, begunBefore(n)] }, 'storedBytes')
          assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(sum)), [0, 1, 21, 321, 321])
        })
        it("counts one owner's that are active, those begun before a time", async () => {
          const count = (n: number): Promise<number> =>
            store.count({ collection: jobs, where: [owned, active, begunBefore(n)] })
          assert.deepEqual(await Promise.all([1, 2, 3, 4, 5].map(count)), [0, 0, 1, 2, 2])
        })
      })
    })

    describe('a watch', () => {
      it('of one record tells how it is, and every change, to its end and its return', async () => {
        const collection = newCollection<Counter>()
        await put(collection, 'a', { count: 1 })
        const watch = watching(store, { collection, id: 'a' })
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
        const watch = watching(store, { collection, id: 'a' })
        await put(collection, 'other', { count: 1 })
        await put(collection, 'a', { count: 1 })
        await watch.until(() => watch.seen.has('a'))
        watch.stop()
        assert.deepEqual(watch.calls[0], [{ id: 'a', data: { count: 1 } }])
      })

      it('ends with the latest state, however fast the changes come', async () => {
        const collection = newCollection<Counter>()
        const watch = watching(store, { collection, id: 'a' })
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
        const watch = watching(store, { collection, where: [{ field: 'group', is: '==', value: 'in' }] })
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
        const watch = watching(store, {
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
        const stopped = watching(store, { collection, id: 'a' })
        const other = watching(store, { collection, id: 'a' })
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
        const stopped = watching(store, { collection, id: 'a' })
        stopped.stop()
        const other = watching(store, { collection, id: 'a' })
        await other.until(() => other.seen.has('a'))
        other.stop()
        assert.deepEqual(stopped.calls, [])
      })
    })
  })
}

const newCollection = <T>(): Collection<T> => ({ name: `conformance-${randomUUID()}` })

const hasCode =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof StoreError && error.code === code

const someJob: Job = {
  owner: 'somebody',
  filename: 'a.avi',
  size: 1,
  contentType: 'video/avi',
  status: 'ENQUEUED',
  progress: 0,
  warnings: [],
  source: { bucket: 'source', name: 'a' },
  options: {},
  timeline: {},
  attempt: 1,
  firstAttempt: 1,
  outbox: [],
  createdAt: new Date(0),
  updatedAt: new Date(0),
}
