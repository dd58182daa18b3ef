import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { create as contentDisposition } from 'content-disposition'
import { checkObjectName } from '../../lib/object-name.ts'
import {
  StoreError,
  type ObjectInfo,
  type ObjectName,
  type ObjectStore,
  type ReadOptions,
  type WriteOptions,
} from '../ports.ts'
import type { Database } from './database.ts'
import { asStoreError, openObjectFiles, type StoredFile } from './object-files.ts'
import { openObjectTable, type ObjectRow } from './object-table.ts'
import { checkQuery, signQuery, type SignatureCheck } from './signed-urls.ts'
import { openUploadSessions, type UploadSessions } from './upload-sessions.ts'

export interface ObjectStoreOptions {
  /** The bytes are in its subfolder `objects`. */
  dataDir: string
  /** Where the bucket server can be reached, without a slash at the end. A function: its port may be known only later. */
  bucketUrl: () => string
  /** Called in the transaction that makes a new generation visible, so that event and object commit together. */
  enqueueFinalized: (info: ObjectInfo) => void
}

export interface LocalObjectStore extends ObjectStore {
  /** Removes what uploads that were never finished have stored. To be called now and then. */
  removeExpiredSessions(): Promise<void>
  /** For the bucket server. */
  sessions: UploadSessions
  /** For the bucket server: may a request with this path, as it was sent, and this query read the object? */
  checkSignature(path: string, query: URLSearchParams): SignatureCheck
}

/** The path of an object on the bucket server. Slashes are escaped too: no name can be taken for another by `..`. */
const objectPath = ({ bucket, name }: ObjectName): string => `/${bucket}/${encodeURIComponent(name)}`

/** Opens the objects of a database: rows here, bytes in files. Removes what a crash left behind. */
export async function openObjects(
  database: Database,
  options: ObjectStoreOptions,
): Promise<LocalObjectStore> {
  const { dataDir, bucketUrl, enqueueFinalized } = options
  const files = openObjectFiles(join(dataDir, 'objects'))
  const table = openObjectTable(database, enqueueFinalized)
  const sessions = openUploadSessions(database, table, files)
  const signingKey = readSigningKey(database)
  await sessions.removeExpired()
  const known = new Set([...table.files(), ...sessions.files()])
  await files.removeUnknown((file) => known.has(file))

  function findGeneration(object: ObjectName, generation?: string): ObjectRow {
    const row = table.find(object)
    if (row && (generation === undefined || generation === row.generation)) return row
    const which = generation === undefined ? '' : ` of generation ${generation}`
    throw new StoreError('NOT_FOUND', `There is no object ${object.bucket}/${object.name}${which}.`)
  }

  /** Makes a complete file the newest generation of the object, or removes it. */
  async function commit(
    object: ObjectName,
    stored: StoredFile,
    writeOptions: WriteOptions,
  ): Promise<ObjectInfo> {
    try {
      const { info, replacedFile } = database.transaction(() => table.put(object, stored, writeOptions))
      // Only now: until the commit the old generation is the newest. Whoever is reading it has it open.
      if (replacedFile !== undefined) await files.remove(replacedFile)
      return info
    } catch (error) {
      await files.remove(stored.file)
      throw asStoreError(error)
    }
  }

  return {
    sessions,
    checkSignature: (path, query) => checkQuery(signingKey, path, query),
    removeExpiredSessions: () => sessions.removeExpired(),

    async stat(object) {
      const row = table.find(object)
      return row && toInfo(row)
    },

    async read(object, { generation, start = 0, end }: ReadOptions = {}) {
      const { file } = findGeneration(object, generation)
      return files.read(file, { start, ...(end !== undefined && { end }) })
    },

    async write(object, body, writeOptions) {
      checkObjectName(object)
      return commit(object, await files.write(body), writeOptions)
    },

    async compose(object, parts, writeOptions) {
      checkObjectName(object)
      if (parts.length < 1 || parts.length > 32)
        throw new RangeError(`Compose joins 1 to 32 objects, not ${parts.length}.`)
      const rows = parts.map((name) => findGeneration({ bucket: object.bucket, name }))
      // All are opened before the first byte is copied: what happens to them from then on does not matter.
      const sources = openAll(rows.map((row) => () => files.read(row.file)))
      try {
        return await commit(object, await files.write(concatenate(sources)), writeOptions)
      } finally {
        for (const source of sources) source.destroy()
      }
    },

    async rewrite(object, rewriteOptions) {
      return database.transaction(() => table.rewrite(findGeneration(object), rewriteOptions))
    },

    async delete(object) {
      const file = database.transaction(() => table.delete(object))
      if (file !== undefined) await files.remove(file)
    },

    async *list(bucket, prefix) {
      for (const row of table.list(bucket, prefix)) yield toInfo(row)
    },

    async createUploadSession(object, sessionOptions) {
      checkObjectName(object)
      const query = new URLSearchParams({
        uploadType: 'resumable',
        name: object.name,
        upload_id: await sessions.create(object, sessionOptions),
      })
      return `${bucketUrl()}/upload/storage/v1/b/${object.bucket}/o?${query.toString()}`
    },

    async cancelUploadSession(url) {
      const id = new URL(url).searchParams.get('upload_id')
      if (id !== null) await sessions.cancel(id)
    },

    async signedUrl(object, { expiresInSeconds, filename }) {
      checkObjectName(object)
      const path = objectPath(object)
      const { query, expiresAt } = signQuery(signingKey, path, {
        expiresInSeconds,
        contentDisposition: contentDisposition(filename),
      })
      return { url: `${bucketUrl()}${path}?${query}`, expiresAt }
    },
  }
}

function toInfo(row: ObjectRow): ObjectInfo {
  const { file: _file, ...info } = row
  return info
}

function openAll(opens: (() => Readable)[]): Readable[] {
  const opened: Readable[] = []
  try {
    for (const open of opens) opened.push(open())
    return opened
  } catch (error) {
    for (const stream of opened) stream.destroy()
    throw error
  }
}

async function* concatenate(sources: AsyncIterable<Uint8Array>[]): AsyncGenerator<Uint8Array> {
  for (const source of sources) yield* source
}

/** Kept in the database, so that a URL outlives a restart as it does in the cloud. */
function readSigningKey({ sql }: Database): KeyObject {
  sql.exec('CREATE TABLE IF NOT EXISTS url_signing_key (key BLOB NOT NULL) STRICT')
  sql
    .prepare('INSERT INTO url_signing_key SELECT ? WHERE NOT EXISTS (SELECT 1 FROM url_signing_key)')
    .run(randomBytes(32))
  const key = sql.prepare('SELECT key FROM url_signing_key').get()?.['key']
  if (key instanceof Uint8Array) return createSecretKey(key)
  throw new Error('The key that signs URLs is missing from the database.')
}
