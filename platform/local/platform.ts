import { readConfig } from '../../lib/config.ts'
import type { Platform } from '../ports.ts'
import { openBus, type LocalBus } from './bus.ts'
import { openDatabase } from './database.ts'
import { openObjects, type LocalObjectStore } from './objects.ts'
import { openRecords, type LocalRecordStore } from './records.ts'

export interface LocalPlatform extends Platform {
  objects(): Promise<LocalObjectStore>
  records(): Promise<LocalRecordStore>
  bus(): Promise<LocalBus>
  /** Lets go of the data directory. */
  close(): Promise<void>
}

let opened: Promise<LocalPlatform> | undefined

/** The one local platform of this process, over DATA_DIR. */
export function localPlatform(): Promise<LocalPlatform> {
  opened ??= open()
  return opened
}

async function open(): Promise<LocalPlatform> {
  const config = readConfig(['DATA_DIR', 'SOURCE_BUCKET', 'TARGET_BUCKET', 'CLOUD_LIKE'])
  const { DATA_DIR, SOURCE_BUCKET, TARGET_BUCKET, CLOUD_LIKE } = config
  const database = openDatabase(DATA_DIR)
  const records = openRecords(database)
  const bus = openBus(database, { SOURCE_BUCKET, TARGET_BUCKET }, CLOUD_LIKE ? 2 : 1)
  let bucketUrl: string | undefined
  const objects = await openObjects(database, {
    dataDir: DATA_DIR,
    // Where the buckets listen may be known only after this.
    bucketUrl: () => (bucketUrl ??= readBucketUrl()),
    enqueueFinalized: bus.enqueueFinalized,
  })
  return {
    objects: async () => objects,
    records: async () => records,
    bus: async () => bus,
    async close() {
      opened = undefined
      database.close()
    },
  }
}

function readBucketUrl(): string {
  const { BUCKET_URL, PORT } = readConfig(['BUCKET_URL', 'PORT'])
  return BUCKET_URL ?? `http://127.0.0.1:${PORT + 1}`
}
