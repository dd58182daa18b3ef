import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { Collection } from '../../lib/collection.ts'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { recordStoreConformance } from '../../test/conformance/records/index.ts'
import { watching } from '../../test/conformance/records/watching.ts'
import type { Matching, Query } from '../ports.ts'
import { openDatabase, type Database } from './database.ts'
import { compile, compileTotal } from './queries.ts'
import { openRecords, type LocalRecordStore } from './records.ts'

interface OpenedRecords {
  database: Database
  store: LocalRecordStore
  close: () => Promise<void>
}

async function openFresh(): Promise<OpenedRecords> {
  const folder = await mkdtemp(join(tmpdir(), 'tapedeck-records-'))
  const database = openDatabase(folder)
  const close = async (): Promise<void> => {
    database.close()
    await rm(folder, { recursive: true })
  }
  return { database, store: openRecords(database), close }
}

recordStoreConformance('this machine', openFresh)

describe('Records on this machine', () => {
  const numbers: Collection<{ n: number }> = { name: 'numbers' }
  let opened: OpenedRecords
  let store: LocalRecordStore
  before(async () => {
    opened = await openFresh()
    ;({ store } = opened)
  })
  after(() => opened.close())

  const put = (id: string, n: number): Promise<void> =>
    store.transact(async (tx) => tx.set(numbers, id, { n }))

  describe('a transaction', () => {
    it('is run again when what it has read was changed before its commit', async () => {
      await put('a', 1)
      const seen: (number | undefined)[] = []
      await store.transact(async (tx) => {
        const n = (await tx.get(numbers, 'a')).data?.n ?? 0
        seen.push(n)
        if (seen.length === 1) await put('a', 10)
        tx.set(numbers, 'a', { n: n + 1 })
      })
      assert.deepEqual(seen, [1, 10])
      assert.deepEqual((await store.get(numbers, 'a')).data, { n: 11 })
    })

    it('is run again when what it did not find was created before its commit', async () => {
      const seen: unknown[] = []
      await store.transact(async (tx) => {
        const { data } = await tx.get(numbers, 'new')
        seen.push(data)
        if (seen.length === 1) await put('new', 1)
        tx.set(numbers, 'copy', { n: data?.n ?? 0 })
      })
      assert.deepEqual(seen, [undefined, { n: 1 }])
    })

    it('is run again, and does not fail, when it throws over records of two different moments', async () => {
      await store.transact(async (tx) => {
        tx.set(numbers, 'left', { n: 1 })
        tx.set(numbers, 'right', { n: 1 })
      })
      let runs = 0
      const sum = await store.transact(async (tx) => {
        const left = (await tx.get(numbers, 'left')).data?.n ?? 0
        if (++runs === 1) {
          await store.transact(async (other) => {
            other.set(numbers, 'left', { n: 0 })
            other.set(numbers, 'right', { n: 2 })
          })
        }
        const right = (await tx.get(numbers, 'right')).data?.n ?? 0
        if (left + right !== 2) throw new Error(`${left} and ${right} are not two together`)
        return left + right
      })
      assert.equal(sum, 2)
      assert.equal(runs, 2)
    })
  })

  describe('a watch', () => {
    it('whose listener throws ends and is told so; the writer notices nothing', async () => {
      const errors: unknown[] = []
      let calls = 0
      await put('watched', 1)
      store.watch(
        { collection: numbers, id: 'watched' },
        () => {
          calls++
          throw new Error('a faulty listener')
        },
        (error) => errors.push(error),
      )
      await put('watched', 2)
      await put('watched', 3)
      assert.equal(calls, 1)
      assert.match(String(errors[0]), /a faulty listener/)
      assert.deepEqual((await store.get(numbers, 'watched')).data, { n: 3 })
    })

    it('of several fields without an index ends with the error', async () => {
      const watch = watching(store, {
        collection: jobs,
        where: [
          { field: 'filename', is: '==', value: 'a' },
          { field: 'size', is: '>', value: 1 },
        ],
      })
      await assert.rejects(
        watch.until(() => false),
        /requires an index/,
      )
    })
  })

  describe('an index', () => {
    const owner = { field: 'owner', is: '==', value: 'someone' } as const
    const status = { field: 'status', is: '==', value: 'FAILED' } as const
    const prefix = [
      { field: 'filename', is: '>=', value: 'a' },
      { field: 'filename', is: '<', value: 'b' },
    ] as const
    const newest = { field: 'createdAt', direction: 'desc' } as const
    const afterPosition = { value: new Date(), id: 'x' }
    const { where: recent } = { where: { field: 'updatedAt', is: '>=', value: new Date() } as const }

    /** Every shape of query that functions ask for. */
    const asked: Record<string, Omit<Query<Job>, 'collection' | 'limit' | 'orderBy'> & Partial<Query<Job>>> =
      {
        'what is due': { orderBy: { field: 'dueAt', direction: 'asc' } },
        "an owner's changes": { where: [owner, recent], orderBy: { field: 'updatedAt', direction: 'asc' } },
        'all changes': { where: [recent], orderBy: { field: 'updatedAt', direction: 'asc' } },
      }
    for (const [whose, first] of Object.entries({ "an owner's jobs": [owner], 'all jobs': [] })) {
      for (const [which, second] of Object.entries({ '': [], ' by status': [status] })) {
        for (const [how, third] of Object.entries({ '': [], ' by filename': prefix })) {
          const where = [...first, ...second, ...third]
          asked[`${whose}${which}${how}`] = { where, orderBy: newest }
          asked[`${whose}${which}${how}, after a position`] = { where, orderBy: newest, after: afterPosition }
        }
      }
    }

    for (const [what, query] of Object.entries(asked)) {
      it(`is what ${what} are read off, in order`, () => {
        const { text, values } = compile({ collection: jobs, limit: 10, ...query })
        const plan = opened.database.sql
          .prepare(`EXPLAIN QUERY PLAN ${text}`)
          .all(...values)
          .map(({ detail }) => String(detail))
        assert.match(plan[0] ?? '', /^SEARCH records USING INDEX records_jobs_/)
        const conditions = (query.where ?? []).filter(({ is }) => is === '==').length
        assert.ok((plan[0]?.match(/<expr>=\?/g) ?? []).length === conditions, plan[0])
        // Ties alone are sorted by id.
        for (const step of plan.slice(1)) assert.equal(step, 'USE TEMP B-TREE FOR LAST TERM OF ORDER BY')
      })
    }

    const begunBefore = { field: 'createdAt', is: '<', value: new Date() } as const
    const active = { field: 'active', is: '==', value: true } as const
    const totals: Record<string, [where: NonNullable<Query<Job>['where']>, summed?: keyof Job]> = {
      'the bytes of an owner': [[owner, begunBefore], 'storedBytes'],
      'the unfinished jobs of an owner': [[owner, active, begunBefore]],
    }
    for (const [what, [where, summed]] of Object.entries(totals)) {
      it(`is all that is read for ${what}: no document is`, () => {
        const { text, values } = compileTotal({ collection: jobs, where }, summed)
        const { sql } = opened.database
        const plan = sql.prepare(`EXPLAIN QUERY PLAN ${text}`).all(...values)
        assert.match(String(plan[0]?.['detail']), /^SEARCH records USING COVERING INDEX records_jobs_/)
        const steps = sql.prepare(`EXPLAIN ${text}`).all(...values)
        // What finds a document by what the index says of it.
        const lookups = steps.filter(({ opcode }) => /^(NotFound|SeekRowid|NotExists)$/.test(String(opcode)))
        assert.deepEqual(lookups, [])
      })
    }

    it('is made anew where an earlier version has made it otherwise', () => {
      const { database } = opened
      const { sql } = database
      const made = sql.prepare(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'records' ORDER BY name",
      )
      const before = made.all()
      sql.exec(`
        DROP INDEX records_jobs_dueAt_asc;
        CREATE INDEX records_jobs_dueAt_asc ON records (collection, json_extract(data, '$.dueAt') asc);
        CREATE INDEX records_jobs_size_asc ON records (collection, json_extract(data, '$.size') asc)`)
      openRecords(database)
      assert.deepEqual(made.all(), before)
    })

    it('is needed to add up a field, too', async () => {
      const matching: Matching<Job> = { collection: jobs, where: [owner, begunBefore] }
      await assert.rejects(
        store.sum(matching, 'size'),
        /The query of jobs by owner, createdAt asc, size requires an index/,
      )
    })

    it('that is missing is asked for, as Firestore would, with what it would have to hold', async () => {
      const query: Query<Job> = {
        collection: jobs,
        where: [{ field: 'contentType', is: '==', value: 'video/mp4' }],
        orderBy: newest,
        limit: 1,
      }
      await assert.rejects(
        store.query(query),
        /The query of jobs by contentType, createdAt desc requires an index: add it to lib\/indexes\.ts\./,
      )
    })
  })

  it('lets a record go once its time to live is over, and not before', async () => {
    const at = (time: number): Partial<Job> => ({ purgeAt: new Date(time) })
    const partial: Collection<Partial<Job>> = { name: jobs.name }
    const kept: Partial<Job>[] = [at(Date.now() + 60_000), {}]
    await store.transact(async (tx) => {
      for (const [index, data] of [at(Date.now() - 1), ...kept].entries()) {
        tx.set(partial, `purge-${index}`, data)
      }
    })
    store.deleteExpired()
    const found = await Promise.all([0, 1, 2].map((index) => store.get(jobs, `purge-${index}`)))
    assert.deepEqual(
      found.map(({ data }) => data !== undefined),
      [false, true, true],
    )
  })
})
