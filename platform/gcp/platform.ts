import { readConfig } from '../../lib/config.ts'
import type { MessageBus, ObjectStore, Platform, RecordStore } from '../ports.ts'

let objects: Promise<ObjectStore> | undefined
let records: Promise<RecordStore> | undefined
let bus: Promise<MessageBus> | undefined

/**
 * Cloud Storage, Firestore and Pub/Sub in the project of the environment. Each client is loaded at its first use, so that
 * a function starts with no more than it needs.
 */
export async function gcpPlatform(): Promise<Platform> {
  return {
    objects: () => (objects ??= startObjects()),
    records: () => (records ??= startRecords()),
    bus: () => (bus ??= startBus()),
  }
}

async function startObjects(): Promise<ObjectStore> {
  const [{ Storage }, { openObjects }] = await Promise.all([
    import('@google-cloud/storage'),
    import('./objects.ts'),
  ])
  const storage = new Storage()
  // Where STORAGE_EMULATOR_HOST is set, the client forgets the path that every server expects behind it.
  storage.baseUrl = `${storage.apiEndpoint}/storage/v1`
  return openObjects(storage)
}

async function startRecords(): Promise<RecordStore> {
  const { FIRESTORE_DATABASE } = readConfig(['FIRESTORE_DATABASE'])
  // Bundled, a CommonJS module that is imported late has its default export alone.
  const [{ default: google }, { openRecords }] = await Promise.all([
    import('@google-cloud/firestore'),
    import('./records.ts'),
  ])
  return openRecords(new google.Firestore({ databaseId: FIRESTORE_DATABASE }))
}

async function startBus(): Promise<MessageBus> {
  const [{ default: google }, { openBus }] = await Promise.all([
    import('@google-cloud/pubsub'),
    import('./bus.ts'),
  ])
  return openBus(new google.PubSub())
}
