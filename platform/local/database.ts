import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** The one SQLite file behind records, queue and object metadata, held by one process at a time. */
export interface Database {
  readonly sql: DatabaseSync
  /** Runs `work` in one transaction: durable when this returns, undone when `work` throws. */
  transaction: <R>(work: () => R) => R
  /**
   * Runs a single statement without waiting for the disk: a power cut may undo it, as long as no transaction has followed. For
   * what does no harm when it has to be done again.
   */
  lazily: (work: () => void) => void
  /**
   * Does the same as `transaction` with all that is asked for in this turn of the event loop, in one transaction: so many callers wait
   * once for the disk. What throws is undone alone. Resolves when it is durable.
   */
  grouped: <R>(work: () => R) => Promise<R>
  close(): void
}

/** Where it is in a data directory. */
export const databaseFile = (dataDir: string): string => join(dataDir, 'tapedeck.sqlite')

/** Opens (and creates) the database of a data directory. Throws if another process has it open. */
export function openDatabase(dataDir: string): Database {
  mkdirSync(dataDir, { recursive: true })
  const lock = holdLock(dataDir)
  const sql = new DatabaseSync(databaseFile(dataDir), { timeout: 5000 })
  // FULL: a commit that has returned survives a power cut.
  sql.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
  function transaction<R>(work: () => R): R {
    sql.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      sql.exec('COMMIT')
      return result
    } catch (error) {
      if (sql.isTransaction) sql.exec('ROLLBACK')
      throw error
    }
  }
  return {
    sql,
    transaction,
    lazily(work) {
      sql.exec('PRAGMA synchronous = NORMAL')
      try {
        work()
      } finally {
        sql.exec('PRAGMA synchronous = FULL')
      }
    },
    grouped: openGroups(sql, transaction),
    close() {
      sql.close()
      lock.close()
    },
  }
}

function openGroups(sql: DatabaseSync, transaction: Database['transaction']): Database['grouped'] {
  interface Waiting {
    /** Returns what tells its caller of the outcome, once all is durable. */
    run(): () => void
    reject(error: unknown): void
  }
  let waiting: Waiting[] = []

  function runAll(): void {
    const group = waiting
    waiting = []
    try {
      const tell = transaction(() => group.map(({ run }) => run()))
      for (const each of tell) each()
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  function undoable<R>(work: () => R): R {
    sql.exec('SAVEPOINT one')
    try {
      const result = work()
      sql.exec('RELEASE one')
      return result
    } catch (error) {
      // Where the disk is full, say, SQLite has undone the whole transaction, which fails the group.
      if (sql.isTransaction) sql.exec('ROLLBACK TO one; RELEASE one')
      throw error
    }
  }

  return (work) =>
    new Promise((resolve, reject) => {
      const run = (): (() => void) => {
        try {
          const result = undoable(work)
          return () => resolve(result)
        } catch (error) {
          if (!sql.isTransaction) throw error
          return () => reject(error)
        }
      }
      waiting.push({ run, reject })
      if (waiting.length === 1) setImmediate(runAll)
    })
}

/** An exclusive transaction that never ends: the operating system lets go of it with the process, kill -9 included. */
function holdLock(dataDir: string): DatabaseSync {
  const lock = new DatabaseSync(join(dataDir, 'lock.sqlite'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    throw new Error(
      `${dataDir} is in use by another Tapedeck. Stop that one, or set DATA_DIR to another folder.`,
      { cause: error },
    )
  }
  return lock
}
