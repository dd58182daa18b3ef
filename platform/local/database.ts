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
  close(): void
}

/** Opens (and creates) the database of a data directory. Throws if another process has it open. */
export function openDatabase(dataDir: string): Database {
  mkdirSync(dataDir, { recursive: true })
  const lock = holdLock(dataDir)
  const sql = new DatabaseSync(join(dataDir, 'tapedeck.sqlite'), { timeout: 5000 })
  sql.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON')
  // FULL: a commit that has returned survives a power cut.
  sql.exec('PRAGMA synchronous = FULL')
  return {
    sql,
    transaction(work) {
      sql.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        sql.exec('COMMIT')
        return result
      } catch (error) {
        if (sql.isTransaction) sql.exec('ROLLBACK')
        throw error
      }
    },
    lazily(work) {
      sql.exec('PRAGMA synchronous = NORMAL')
      try {
        work()
      } finally {
        sql.exec('PRAGMA synchronous = FULL')
      }
    },
    close() {
      sql.close()
      lock.close()
    },
  }
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
