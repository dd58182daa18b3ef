import { EventEmitter } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import type { Collection } from '../../lib/collection.ts'
import { indexes, timesToLive } from '../../lib/indexes.ts'
import type { Writable } from '../../lib/server-time.ts'
import {
  StoreError,
  type Change,
  type Matching,
  type QueryResult,
  type Read,
  type RecordStore,
  type StoredRecord,
  type Transaction,
  type Watched,
} from '../ports.ts'
import type { Database } from './database.ts'
import { decodeDocument, encodeDocument, encodeValue } from './documents.ts'
import { compile, compileTotal, indexSql, inOrder, matches, type AnyQuery } from './queries.ts'

export interface LocalRecordStore extends RecordStore {
  /** Deletes the records whose time to live is over, as Firestore does by itself. */
  deleteExpired(): void
}

interface Write {
  collection: string
  id: string
  /** Nothing: delete. */
  data?: unknown
  create?: boolean
}

/** What a transaction has read, in which version; 0 where there was nothing. */
type Reads = Map<string, [collection: string, id: string, version: number]>

/** The records of a collection that have been written, as they are now: undefined where there is none any more. */
type Changed = { id: string; read: () => unknown }[]

/** Opens the records of a database. Transactions are optimistic, as Firestore's are: checked at commit, run again if lost. */
export function openRecords({ sql, grouped }: Database): LocalRecordStore {
  // With rowids: in a table without them, SQLite goes to each document even where an index holds all that is asked for.
  sql.exec(`
    CREATE TABLE IF NOT EXISTS records (
      collection TEXT NOT NULL, id TEXT NOT NULL, data TEXT NOT NULL, version INTEGER NOT NULL,
      PRIMARY KEY (collection, id)
    );
    CREATE TABLE IF NOT EXISTS record_versions (last INTEGER NOT NULL);
    INSERT INTO record_versions SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM record_versions);
  `)
  createIndexes(sql)
  const select = sql.prepare('SELECT data, version FROM records WHERE collection = ? AND id = ?')
  const upsert = sql.prepare(
    'INSERT OR REPLACE INTO records (collection, id, data, version) VALUES (?, ?, ?, ?)',
  )
  const remove = sql.prepare('DELETE FROM records WHERE collection = ? AND id = ?')
  const nextVersion = sql.prepare('UPDATE record_versions SET last = last + 1 RETURNING last')
  const changes = new EventEmitter<Record<string, [Changed]>>().setMaxListeners(0)

  function readRow(collection: string, id: string): { data: unknown; version: number } | undefined {
    const row = select.get(collection, id)
    return row && { data: decodeDocument(String(row['data'])), version: Number(row['version']) }
  }

  function get<T>(collection: Collection<T>, id: string): Read<T> {
    // What a collection holds was written through its own type.
    return { data: readRow(collection.name, id)?.data as T | undefined, readAt: new Date() }
  }

  /** Whether everything that was read still is as it was. */
  const isCurrent = (reads: Reads): boolean =>
    reads
      .values()
      .every(([collection, id, version]) => Number(select.get(collection, id)?.['version'] ?? 0) === version)

  /** Commits if nothing that was read has changed since; returns whether it did. */
  async function commit(reads: Reads, writes: Write[]): Promise<boolean> {
    const done = await grouped(() => {
      if (!isCurrent(reads)) return false
      const now = new Date()
      const version = writes.length > 0 ? Number(nextVersion.get()?.['last']) : 0
      for (const { collection, id, data, create } of writes) {
        if (create && select.get(collection, id)) {
          throw new StoreError('ALREADY_EXISTS', `There is a record ${collection}/${id} already.`)
        }
        if (data === undefined) remove.run(collection, id)
        else upsert.run(collection, id, encodeDocument(data, now), version)
      }
      return true
    })
    if (done) announce(writes)
    return done
  }

  function announce(writes: Write[]): void {
    for (const [collection, group] of Map.groupBy(writes, (write) => write.collection)) {
      const ids = new Set(group.map(({ id }) => id))
      // Hundreds may watch: what has changed is read once for all of them.
      const changed = [...ids].map((id) => ({ id, read: once(() => readRow(collection, id)?.data) }))
      changes.emit(collection, changed)
    }
  }

  async function transact<R>(work: (tx: Transaction) => Promise<R>): Promise<R> {
    for (;;) {
      const reads: Reads = new Map()
      const writes: Write[] = []
      try {
        const result = await work(collectTransaction(readRow, reads, writes))
        if (await commit(reads, writes)) return result
      } catch (error) {
        // An error of work that has seen one record before another's commit and one after it says nothing.
        if (isCurrent(reads)) throw error
      }
      await setImmediate()
    }
  }

  function query<T>(asked: AnyQuery<T>): QueryResult<T> {
    const { text, values } = compile(asked)
    const rows = sql.prepare(text).all(...values)
    const records = rows.map((row): StoredRecord<T> => ({
      id: String(row['id']),
      // What a collection holds was written through its own type.
      data: decodeDocument(String(row['data'])) as T,
    }))
    return { records, readAt: new Date() }
  }

  function total<T>(matching: Matching<T>, summed?: string): number {
    const { text, values } = compileTotal(matching, summed)
    return Number(sql.prepare(text).get(...values)?.['total'])
  }

  return {
    get: async (collection, id) => get(collection, id),
    query: async (asked) => query(asked),
    count: async (matching) => total(matching),
    sum: async (matching, field) => total(matching, field),
    transact,
    watch<T>(what: Watched<T>, onChanges: (changes: Change<T>[]) => void, onError: (error: unknown) => void) {
      const { collection } = what
      const isWatched = (id: string, data: T): boolean =>
        'id' in what ? id === what.id : matches(data, what.where)
      const known = new Set<string>()
      let isOpen = true
      const stop = (): void => {
        isOpen = false
        changes.off(collection.name, onCommit)
      }
      // What goes wrong here must not reach the writer whose commit is told of.
      const tell = (find: () => Change<T>[]): void => {
        if (!isOpen) return
        try {
          const found = find()
          if (found.length > 0) onChanges(found)
        } catch (error) {
          stop()
          onError(error)
        }
      }
      const onCommit = (changed: Changed): void =>
        tell(() =>
          changed.flatMap(({ id, read }): Change<T>[] => {
            // What a collection holds was written through its own type.
            const data = read() as T | undefined
            if (data === undefined || !isWatched(id, data))
              return known.delete(id) ? [{ id, data: undefined }] : []
            known.add(id)
            return [{ id, data }]
          }),
        )
      queueMicrotask(() =>
        tell(() => {
          const now =
            'id' in what ? existing(what.id, get(collection, what.id).data) : query(inOrder(what)).records
          for (const { id } of now) known.add(id)
          changes.on(collection.name, onCommit)
          return now
        }),
      )
      return stop
    },
    deleteExpired() {
      for (const [collection, field] of Object.entries(timesToLive)) {
        const path = `json_extract(data, '$.${field}')`
        sql
          .prepare(`DELETE FROM records WHERE collection = ? AND ${path} <= ?`)
          .run(collection, encodeValue(new Date()))
      }
    },
  }
}

const existing = <T>(id: string, data: T | undefined): StoredRecord<T>[] =>
  data === undefined ? [] : [{ id, data }]

/** A transaction that remembers which versions it read and gathers what it is to write. */
function collectTransaction(
  readRow: (collection: string, id: string) => { data: unknown; version: number } | undefined,
  reads: Reads,
  writes: Write[],
): Transaction {
  return {
    async get<T>(collection: Collection<T>, id: string): Promise<Read<T>> {
      if (writes.length > 0) throw new Error('In a transaction, every read must come before the first write.')
      const row = readRow(collection.name, id)
      reads.set(`${collection.name}/${id}`, [collection.name, id, row?.version ?? 0])
      // What a collection holds was written through its own type.
      return { data: row?.data as T | undefined, readAt: new Date() }
    },
    create<T>(collection: Collection<T>, id: string, data: Writable<T>) {
      writes.push({ collection: collection.name, id, data, create: true })
    },
    set<T>(collection: Collection<T>, id: string, data: Writable<T>) {
      writes.push({ collection: collection.name, id, data })
    },
    delete(collection, id) {
      writes.push({ collection: collection.name, id })
    },
  }
}

/** Makes the indexes that are missing, and drops those that an earlier version has made otherwise. */
function createIndexes(sql: Database['sql']): void {
  const wanted = new Set(indexes.map(indexSql))
  const made = sql
    .prepare(
      "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'records' AND sql IS NOT NULL",
    )
    .all()
  for (const { name, sql: text } of made)
    if (!wanted.delete(String(text))) sql.exec(`DROP INDEX ${String(name)}`)
  for (const text of wanted) sql.exec(text)
}

/** The same, but computed at the first call only. */
function once<R>(compute: () => R): () => R {
  let result: { value: R } | undefined
  return () => (result ??= { value: compute() }).value
}
