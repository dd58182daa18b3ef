import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, afterEach, beforeEach, describe, it } from 'node:test'
import type { Collection } from '../../lib/collection.ts'
import { openBus } from './bus.ts'
import { openDatabase, type Database } from './database.ts'
import { openRecords } from './records.ts'

const inUse = (folder: string): RegExp =>
  new RegExp(
    `^Error: ${folder} is in use by another Tapedeck\\. Stop that one, or set DATA_DIR to another folder\\.$`,
  )

describe('The local database', { timeout: 30_000 }, () => {
  let folder: string
  const opened: Database[] = []
  const children: ChildProcess[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-database-'))
  })
  afterEach(async () => {
    for (const database of opened.splice(0)) database.close()
    await rm(folder, { recursive: true })
  })
  after(() => children.forEach((child) => child.kill('SIGKILL')))

  function open(path = folder): Database {
    const database = openDatabase(path)
    opened.push(database)
    return database
  }
  const close = (): void => opened.pop()?.close()

  /** Starts a process that commits numbers, and waits until it has said this one. */
  async function commitUpTo(number: number): Promise<{ child: ChildProcess; said: () => number }> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'testing/commit-child.ts'), folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    const said: number[] = [0]
    const lines = createInterface({ input: child.stdout })
    lines.on('line', (line) => said.push(Number(line)))
    while (Number(said.at(-1)) < number) await once(lines, 'line')
    return { child, said: () => Number(said.at(-1)) }
  }

  it('makes its folder', () => {
    const nested = join(folder, 'not/there/yet')
    open(nested).sql.exec('CREATE TABLE t (x)')
  })

  it('keeps what is in it from one start to the next', () => {
    open().sql.exec('CREATE TABLE t (x); INSERT INTO t VALUES (1)')
    close()
    assert.deepEqual({ ...open().sql.prepare('SELECT x FROM t').get() }, { x: 1 })
  })

  it('keeps what was committed, records and messages, through kill -9', async () => {
    const { child, said } = await commitUpTo(50)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const database = open()
    const numbers: Collection<{ n: number }> = { name: 'numbers' }
    const records = openRecords(database)
    const last = (await records.get(numbers, 'last')).data?.n ?? 0
    assert.ok(last >= said(), `${last} of ${said()}`)
    for (let n = 1; n <= last; n++) assert.deepEqual((await records.get(numbers, String(n))).data, { n })
    assert.equal((await records.get(numbers, String(last + 1))).data, undefined, 'all or nothing')
    const messages = openBus(database, {}, 1).due(['work'], 100_000)
    assert.ok(messages.length >= said(), `${messages.length} of ${said()}`)
  })

  it('refuses a second server on the same folder, until the first has ended, by kill -9 too', async () => {
    const { child } = await commitUpTo(1)
    assert.throws(() => open(), inUse(folder))
    child.kill('SIGKILL')
    await once(child, 'exit')
    open()
  })

  it('refuses to be opened twice by one process, too', () => {
    open()
    assert.throws(() => open(), inUse(folder))
    close()
    open()
  })

  it('does two folders at once', async () => {
    open()
    open(join(folder, 'other'))
  })

  it('does not wait for the disk where nothing is lost by that, and only there', () => {
    const { sql, lazily } = open()
    const synchronous = (): unknown => sql.prepare('PRAGMA synchronous').get()?.['synchronous']
    const [normal, full] = [1, 2]
    sql.exec('CREATE TABLE t (x)')
    assert.equal(synchronous(), full)
    lazily(() => {
      assert.equal(synchronous(), normal)
      sql.exec('INSERT INTO t VALUES (1)')
    })
    assert.throws(() => lazily(() => sql.exec('INSERT INTO nowhere VALUES (1)')), /no such table/)
    assert.equal(synchronous(), full)
    assert.deepEqual({ ...sql.prepare('SELECT count(*) AS n FROM t').get() }, { n: 1 })
  })

  describe('a transaction', () => {
    it('returns what its work returns, and is undone when that throws', () => {
      const { sql, transaction } = open()
      sql.exec('CREATE TABLE t (x)')
      assert.equal(
        transaction(() => {
          sql.exec('INSERT INTO t VALUES (1)')
          return 'done'
        }),
        'done',
      )
      const mistake = new Error('no')
      assert.throws(
        () =>
          transaction(() => {
            sql.exec('INSERT INTO t VALUES (2)')
            throw mistake
          }),
        (error) => error === mistake,
      )
      assert.deepEqual({ ...sql.prepare('SELECT count(*) AS n FROM t').get() }, { n: 1 })
      transaction(() => sql.exec('INSERT INTO t VALUES (3)'))
    })

    it('is on the disk when it returns', () => {
      const { sql } = open()
      assert.equal(sql.prepare('PRAGMA journal_mode').get()?.['journal_mode'], 'wal')
      // 2 is FULL: every commit is synced.
      assert.equal(sql.prepare('PRAGMA synchronous').get()?.['synchronous'], 2)
    })
  })

  describe('a group of transactions', () => {
    it('commits at once what is asked for in one turn, but for what throws', async () => {
      const { sql, grouped } = open()
      sql.exec('CREATE TABLE t (x)')
      const insert = (x: number): unknown => sql.prepare('INSERT INTO t VALUES (?)').run(x)
      const mistake = new Error('no')
      const outcomes = await Promise.allSettled([
        grouped(() => {
          insert(1)
          return 'done'
        }),
        grouped(() => {
          insert(2)
          throw mistake
        }),
        grouped(() => {
          insert(3)
          return sql.prepare('SELECT count(*) AS n FROM t').get()?.['n']
        }),
      ])
      assert.deepEqual(outcomes, [
        { status: 'fulfilled', value: 'done' },
        { status: 'rejected', reason: mistake },
        { status: 'fulfilled', value: 2 },
      ])
      assert.equal(sql.isTransaction, false)
      await grouped(() => insert(4))
      const found = sql.prepare('SELECT x FROM t ORDER BY x').all()
      assert.deepEqual(
        found.map(({ x }) => x),
        [1, 3, 4],
      )
    })

    it('tells nobody that all is well where the commit fails', async () => {
      const { sql, grouped } = open()
      sql.exec('CREATE TABLE t (x PRIMARY KEY)')
      sql.exec('CREATE TABLE u (x REFERENCES t DEFERRABLE INITIALLY DEFERRED)')
      const outcomes = await Promise.allSettled([
        grouped(() => sql.exec('INSERT INTO t VALUES (1)')),
        grouped(() => sql.exec('INSERT INTO u VALUES (2)')),
      ])
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        ['rejected', 'rejected'],
      )
      assert.equal(sql.prepare('SELECT count(*) AS n FROM t').get()?.['n'], 0)
    })
  })
})
