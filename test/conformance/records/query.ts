import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { before, describe, it } from 'node:test'
import { jobs, type Job } from '../../../lib/jobs/job.ts'
import { serverTime } from '../../../lib/server-time.ts'
import type { Query } from '../../../platform/ports.ts'
import { newCollection, someJob, type Counter, type RecordStoreSuite } from './suite.ts'

/** What is found, and in which order. */
export function query({ store, put, putAll, read, remove }: RecordStoreSuite): void {
  describe('a query', () => {
    type Where<T> = NonNullable<Query<T>['where']>
    const ids = async <T>(query: Query<T>): Promise<string[]> =>
      (await store().query(query)).records.map(({ id }) => id)

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
      ['times before', [{ field: 'time', is: '<', value: new Date('2026-01-09T00:00:00.001Z') }], ['b', 'd']],
      ['times from', [{ field: 'time', is: '>=', value: new Date('2026-01-09T00:00:00.001Z') }], ['a', 'c']],
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
      const { records } = await store().query({
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
      const { records, readAt } = await store().query({
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
        while ((await store().get(collection, id)).readAt.getTime() === written?.at.getTime());
      }
      assert.deepEqual(await ids({ collection, orderBy: { field: 'at', direction: 'asc' }, limit: 9 }), order)
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
        const { records } = await store().query({ ...query, ...(after && { after }) })
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
}
