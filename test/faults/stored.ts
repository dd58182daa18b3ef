import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Firestore, Timestamp } from '@google-cloud/firestore'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { deliveries, type Delivery } from '../../lib/notifications/delivery.ts'
import { accesses, type Access } from '../../lib/tiers/access.ts'
import { tieredObjects, type TieredObject } from '../../lib/tiers/tiered-object.ts'
import { databaseFile } from '../../platform/local/database.ts'
import { decodeDocument } from '../../platform/local/documents.ts'
import { bucketsOf } from '../gcp/cloud.ts'

export interface StoredObject {
  bucket: string
  name: string
  generation: string
  size: number
  /** On this machine: where its bytes are. */
  file?: string
}

/** All that a server has stored, read past it. */
export interface Stored {
  jobs: Map<string, Job>
  deliveries: Map<string, Delivery>
  accesses: Map<string, Access>
  tieredObjects: Map<string, TieredObject>
  objects: StoredObject[]
  /** On this machine: the files of uploads that are under way, and every file there is with its size. */
  uploads: string[]
  files?: Map<string, number>
  /** On this machine: for which functions events wait. Nobody can look into Pub/Sub. */
  queue: string[]
}

type ReadRecords = <T>(collection: { name: string; record?: T }) => Promise<Map<string, T>>

const allRecords = async (read: ReadRecords) => ({
  jobs: await read(jobs),
  deliveries: await read(deliveries),
  accesses: await read(accesses),
  tieredObjects: await read(tieredObjects),
})

/** What is stored in a data directory. */
export async function readLocal(dataDir: string): Promise<Stored> {
  // First: whatever has a file by then is in the database, or was when the file was there.
  const files = await readFiles(join(dataDir, 'objects'))
  const sql = new DatabaseSync(databaseFile(dataDir), { readOnly: true })
  const rows = (query: string, ...values: string[]) => sql.prepare(query).all(...values)
  try {
    const records = await allRecords(async <T>({ name }: { name: string }) => {
      const found = rows('SELECT id, data FROM records WHERE collection = ?', name)
      // Written through its own type.
      return new Map(found.map(({ id, data }) => [String(id), decodeDocument(String(data)) as T]))
    })
    const objects = rows('SELECT * FROM stored_objects').map((row) => ({
      bucket: String(row['bucket']),
      name: String(row['name']),
      generation: String(row['generation']),
      size: Number(row['size']),
      file: String(row['file']),
    }))
    const uploads = rows('SELECT file FROM upload_sessions WHERE file IS NOT NULL')
    const queue = rows('SELECT function FROM queue')
    return {
      ...{ ...records, objects, files },
      uploads: uploads.map(({ file }) => String(file)),
      queue: queue.map((row) => String(row['function'])),
    }
  } finally {
    sql.close()
  }
}

async function readFiles(folder: string): Promise<Map<string, number>> {
  const sizes = (await readdir(folder)).map(async (file): Promise<[string, number][]> => {
    const found = await stat(join(folder, file)).catch(() => undefined)
    return found ? [[file, found.size]] : []
  })
  return new Map((await Promise.all(sizes)).flat())
}

/** What is stored in a project of the emulated cloud. */
export async function readCloud(projectId: string): Promise<Stored> {
  const firestore = new Firestore({ projectId, databaseId: 'tapedeck' })
  try {
    const records = await allRecords(async <T>({ name }: { name: string }) => {
      const { docs } = await firestore.collection(name).get()
      // Written through its own type.
      return new Map(docs.map((document) => [document.id, withDates(document.data()) as T]))
    })
    const objects = await Promise.all(Object.values(bucketsOf(projectId)).map(listBucket))
    return { ...records, objects: objects.flat(), uploads: [], queue: [] }
  } finally {
    await firestore.terminate()
  }
}

async function listBucket(bucket: string): Promise<StoredObject[]> {
  const response = await fetch(`${process.env['STORAGE_EMULATOR_HOST']}/storage/v1/b/${bucket}/o`)
  const { items = [] } = (await response.json()) as {
    items?: { name: string; generation: string; size: string }[]
  }
  return items.map(({ name, generation, size }) => ({ bucket, name, generation, size: Number(size) }))
}

function withDates(value: unknown): unknown {
  if (value instanceof Timestamp) return value.toDate()
  if (Array.isArray(value)) return value.map(withDates)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withDates(item)]))
}
