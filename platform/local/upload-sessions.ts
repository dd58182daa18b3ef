import { randomBytes } from 'node:crypto'
import type { SQLOutputValue } from 'node:sqlite'
import { StoreError, type ObjectName, type UploadSessionOptions } from '../ports.ts'
import { encodeCrc32c } from '../../lib/crc32c.ts'
import { append, type Mark } from './append.ts'
import type { Database } from './database.ts'
import { asStoreError, type ObjectFiles } from './object-files.ts'
import { objectResource } from './object-resource.ts'
import { parseMetadata, type ObjectTable } from './object-table.ts'

/** What every further request to a session that is over gets to see. */
export interface SessionEnd {
  status: number
  body: string
}

export interface UploadSession {
  id: string
  object: ObjectName
  /** Bytes, declared when the session was opened. */
  size: number
  origin: string | undefined
  /** Bytes that cannot be lost any more: a multiple of 256 KiB, or all. */
  stored: number
  end: SessionEnd | undefined
}

export type UploadSessions = ReturnType<typeof openUploadSessions>

/** "A session URI expires after one week." */
const lifetimeMs = 7 * 24 * 3600 * 1000

/** An error as Cloud Storage's JSON API words it. */
export const apiError = (status: number, reason: string, message: string): SessionEnd => ({
  status,
  body: JSON.stringify({ error: { code: status, message, errors: [{ message, domain: 'global', reason }] } }),
})

/** Resumable uploads: what they have stored, and how they end. The HTTP side is in session-requests.ts. */
export function openUploadSessions(database: Database, table: ObjectTable, files: ObjectFiles) {
  const { sql } = database
  sql.exec(`
    CREATE TABLE IF NOT EXISTS upload_sessions (
      id TEXT PRIMARY KEY, bucket TEXT NOT NULL, name TEXT NOT NULL, content_type TEXT NOT NULL,
      metadata TEXT NOT NULL, size INTEGER NOT NULL, origin TEXT, created_at INTEGER NOT NULL,
      file TEXT, stored INTEGER NOT NULL DEFAULT 0, crc32c INTEGER NOT NULL DEFAULT 0,
      end_status INTEGER, end_body TEXT
    ) STRICT, WITHOUT ROWID;
  `)
  const insert = sql.prepare(`
    INSERT INTO upload_sessions (id, bucket, name, content_type, metadata, size, origin, created_at, file)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const select = sql.prepare('SELECT * FROM upload_sessions WHERE id = ?')
  const selectFiles = sql.prepare('SELECT file FROM upload_sessions WHERE file IS NOT NULL')
  const selectExpired = sql.prepare(
    'SELECT id FROM upload_sessions WHERE end_status IS NULL AND created_at <= ?',
  )
  const deleteForgotten = sql.prepare(
    'DELETE FROM upload_sessions WHERE end_status IS NOT NULL AND created_at <= ?',
  )
  const updateStored = sql.prepare(
    'UPDATE upload_sessions SET stored = ?, crc32c = ? WHERE id = ? AND end_status IS NULL',
  )
  const updateEnd = sql.prepare(
    'UPDATE upload_sessions SET end_status = ?, end_body = ?, file = NULL WHERE id = ?',
  )

  function read(id: string): SessionRow | undefined {
    const row = select.get(id)
    return row && fromRow(row)
  }

  /** Ends a session that leaves no object: its file goes. */
  async function abandon(id: string, end: SessionEnd): Promise<SessionEnd> {
    const session = read(id)
    if (session?.end) return session.end
    updateEnd.run(end.status, end.body, id)
    if (session?.file) await files.remove(session.file)
    return end
  }

  const expire = (id: string): Promise<SessionEnd> =>
    abandon(id, apiError(410, 'gone', 'This upload session has expired. Start a new one.'))

  return {
    /** Opens a session; returns its id, which nobody can guess. */
    async create(object: ObjectName, options: UploadSessionOptions): Promise<string> {
      const { contentType, metadata = {}, size, origin = null } = options
      if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${size} is not a number of bytes.`)
      const id = randomBytes(32).toString('base64url')
      try {
        const file = await files.create()
        const meta = JSON.stringify(metadata)
        insert.run(id, object.bucket, object.name, contentType, meta, size, origin, Date.now(), file)
        return id
      } catch (error) {
        throw asStoreError(error)
      }
    },

    async find(id: string): Promise<UploadSession | undefined> {
      const session = read(id)
      if (!session || session.end || Date.now() < session.createdAt + lifetimeMs) return session
      return { ...session, end: await expire(id) }
    },

    /**
     * Stores the bytes that follow those stored already, and returns the session as it then is. If `body` throws,
     * what had come is kept all the same. Throws INSUFFICIENT_STORAGE.
     */
    async append(id: string, body: AsyncIterable<Uint8Array>): Promise<UploadSession> {
      const session = openSession(read(id))
      const start = { size: session.stored, crc32c: session.crc32c }
      const save = (mark: Mark): void => {
        // The checksum is stored with the length: nothing that was stored is ever read again.
        const { changes } = updateStored.run(mark.size, mark.crc32c, id)
        // Cancelled meanwhile: what comes now lies in a file that is gone.
        if (changes === 0) throw new StoreError('NOT_FOUND', 'The upload session is over.')
      }
      try {
        const handle = await files.openToWrite(session.file)
        try {
          const options = { size: session.size, onSynced: save }
          const { size: stored } = await append(handle, start, body, options)
          return { ...session, stored }
        } finally {
          await handle.close()
        }
      } catch (error) {
        throw asStoreError(error)
      }
    },

    /** Makes the object of a session that has all its bytes. `crc32c`: what the sender says that it must be. */
    async finish(id: string, crc32c?: string): Promise<SessionEnd> {
      const { crc32c: sum } = openSession(read(id))
      const actual = encodeCrc32c(sum)
      if (crc32c !== undefined && crc32c !== actual) {
        const message = `The CRC32C sent with the upload is ${crc32c}, that of the bytes received ${actual}. Upload again.`
        return abandon(id, apiError(400, 'invalid', message))
      }
      try {
        return database.transaction(() => {
          const { object, file, size, contentType, metadata } = openSession(read(id))
          const stored = { file, size, crc32c: sum }
          const { info } = table.put(object, stored, { contentType, metadata, ifGenerationMatch: '0' })
          const end = { status: 200, body: JSON.stringify(objectResource(info)) }
          updateEnd.run(end.status, end.body, id)
          return end
        })
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== 'PRECONDITION_FAILED') throw asStoreError(error)
        return abandon(id, apiError(412, 'conditionNotMet', error.message))
      }
    },

    /** "If the cancellation succeeds, the status is 499; later requests get a 4xx." */
    cancel: (id: string): Promise<SessionEnd> => abandon(id, { status: 499, body: '' }),

    /** Removes what abandoned sessions have stored; after another week they are forgotten. To be called now and then. */
    async removeExpired(): Promise<void> {
      for (const row of selectExpired.all(Date.now() - lifetimeMs)) await expire(String(row['id']))
      deleteForgotten.run(Date.now() - 2 * lifetimeMs)
    },

    *files(): Generator<string> {
      for (const row of selectFiles.iterate()) yield String(row['file'])
    },
  }
}

interface SessionRow extends UploadSession {
  /** Of what is stored. */
  crc32c: number
  contentType: string
  metadata: Record<string, string>
  createdAt: number
  file: string | undefined
}

function fromRow(row: Record<string, SQLOutputValue>): SessionRow {
  const { origin, file, end_status: status, end_body: body } = row
  return {
    id: String(row['id']),
    object: { bucket: String(row['bucket']), name: String(row['name']) },
    size: Number(row['size']),
    origin: origin === null ? undefined : String(origin),
    stored: Number(row['stored']),
    crc32c: Number(row['crc32c']),
    contentType: String(row['content_type']),
    metadata: parseMetadata(row['metadata']),
    createdAt: Number(row['created_at']),
    file: file === null ? undefined : String(file),
    end: status === null ? undefined : { status: Number(status), body: String(body) },
  }
}

/** A session that ended while a request was under way, for instance because its week was over. */
function openSession(session: SessionRow | undefined): SessionRow & { file: string } {
  if (session?.file !== undefined && !session.end) return { ...session, file: session.file }
  throw new StoreError('NOT_FOUND', 'The upload session is over.')
}
