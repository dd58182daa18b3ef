import type { SQLOutputValue } from 'node:sqlite'
import type { StorageClass } from '../../lib/storage-class.ts'
import {
  StoreError,
  type ObjectInfo,
  type ObjectName,
  type RewriteOptions,
  type WriteOptions,
} from '../ports.ts'
import { encodeCrc32c } from '../../lib/crc32c.ts'
import type { Database } from './database.ts'
import type { StoredFile } from './object-files.ts'

export interface ObjectRow extends ObjectInfo {
  file: string
}

export type ObjectTable = ReturnType<typeof openObjectTable>

const pageSize = 500

/** Which objects there are. `enqueueFinalized` is called in the transaction that makes a new generation visible. */
export function openObjectTable({ sql }: Database, enqueueFinalized: (info: ObjectInfo) => void) {
  sql.exec(`
    CREATE TABLE IF NOT EXISTS stored_objects (
      bucket TEXT NOT NULL, name TEXT NOT NULL, generation INTEGER NOT NULL, size INTEGER NOT NULL,
      content_type TEXT NOT NULL, storage_class TEXT NOT NULL, crc32c TEXT NOT NULL, metadata TEXT NOT NULL,
      time_created INTEGER NOT NULL, file TEXT NOT NULL,
      PRIMARY KEY (bucket, name)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS object_generations (last INTEGER NOT NULL) STRICT;
    INSERT INTO object_generations SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM object_generations);
  `)
  const select = sql.prepare('SELECT * FROM stored_objects WHERE bucket = ? AND name = ?')
  const selectPage = sql.prepare(
    `SELECT * FROM stored_objects WHERE bucket = ? AND name >= ? ORDER BY name LIMIT ${pageSize}`,
  )
  const selectFiles = sql.prepare('SELECT file FROM stored_objects')
  const remove = sql.prepare('DELETE FROM stored_objects WHERE bucket = ? AND name = ? RETURNING file')
  const upsert = sql.prepare(`
    INSERT OR REPLACE INTO stored_objects
      (bucket, name, generation, size, content_type, storage_class, crc32c, metadata, time_created, file)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  // Microseconds, as in Cloud Storage, but never the same or a lower number twice, whatever the clock does.
  const nextGeneration = sql.prepare('UPDATE object_generations SET last = max(last + 1, ?) RETURNING last')

  function find({ bucket, name }: ObjectName): ObjectRow | undefined {
    const row = select.get(bucket, name)
    return row && fromRow(row)
  }

  /** Makes this the newest generation of the object, and says so. */
  function publish(described: Omit<ObjectInfo, 'generation' | 'timeCreated'>, file: string): ObjectInfo {
    const timeCreated = new Date()
    const generation = Number(nextGeneration.get(timeCreated.getTime() * 1000)?.['last'])
    const info = { ...described, generation: String(generation), timeCreated }
    upsert.run(
      info.bucket,
      info.name,
      generation,
      info.size,
      info.contentType,
      info.storageClass,
      info.crc32c,
      JSON.stringify(info.metadata),
      timeCreated.getTime(),
      file,
    )
    enqueueFinalized(info)
    return info
  }

  return {
    find,

    /** Makes `stored` the newest generation of the object. To be called in a transaction. Throws PRECONDITION_FAILED. */
    put(
      object: ObjectName,
      { file, size, crc32c }: StoredFile,
      { contentType, metadata = {}, ifGenerationMatch }: WriteOptions,
    ): { info: ObjectInfo; replacedFile?: string } {
      const { bucket, name } = object
      const current = find(object)
      checkPrecondition(object, current, ifGenerationMatch)
      const checksum = encodeCrc32c(crc32c)
      const described = { bucket, name, size, contentType, crc32c: checksum, metadata }
      const info = publish({ ...described, storageClass: 'STANDARD' }, file)
      return { info, ...(current && { replacedFile: current.file }) }
    },

    /** Makes the same file a new generation, in another class. To be called in a transaction. Throws PRECONDITION_FAILED. */
    rewrite(current: ObjectRow, { storageClass, ifGenerationMatch }: RewriteOptions): ObjectInfo {
      checkPrecondition(current, current, ifGenerationMatch)
      const { file, generation: _generation, timeCreated: _timeCreated, ...described } = current
      return publish({ ...described, storageClass }, file)
    },

    /** Forgets the object; returns the file that nothing refers to any more. */
    delete({ bucket, name }: ObjectName): string | undefined {
      const row = remove.get(bucket, name)
      return row && String(row['file'])
    },

    /** By name, as their UTF-8 bytes compare: SQLite's order of text, and Cloud Storage's. */
    *list(bucket: string, prefix: string): Generator<ObjectRow> {
      let from = prefix
      for (;;) {
        const page = selectPage.all(bucket, from)
        for (const row of page) {
          const object = fromRow(row)
          if (!object.name.startsWith(prefix)) return
          yield object
          // The next name that there can be: this one and the lowest character.
          from = `${object.name}\0`
        }
        if (page.length < pageSize) return
      }
    },

    *files(): Generator<string> {
      for (const row of selectFiles.iterate()) yield String(row['file'])
    },
  }
}

function fromRow(row: Record<string, SQLOutputValue>): ObjectRow {
  return {
    bucket: String(row['bucket']),
    name: String(row['name']),
    generation: String(row['generation']),
    size: Number(row['size']),
    contentType: String(row['content_type']),
    // Written above, from nothing else.
    storageClass: String(row['storage_class']) as StorageClass,
    crc32c: String(row['crc32c']),
    metadata: parseMetadata(row['metadata']),
    timeCreated: new Date(Number(row['time_created'])),
    file: String(row['file']),
  }
}

function checkPrecondition(
  object: ObjectName,
  current: ObjectInfo | undefined,
  wanted: string | undefined,
): void {
  const found = current?.generation ?? '0'
  if (wanted === undefined || wanted === found) return
  throw new StoreError(
    'PRECONDITION_FAILED',
    `${object.bucket}/${object.name} has generation ${found}, not ${wanted} (0 means that there is no such object).`,
  )
}

/** Metadata as only this folder has written it. */
export function parseMetadata(column: SQLOutputValue | undefined): Record<string, string> {
  const metadata: Record<string, string> = JSON.parse(String(column))
  return metadata
}
