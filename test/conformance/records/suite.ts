import { randomUUID } from 'node:crypto'
import type { Collection } from '../../../lib/collection.ts'
import type { Job } from '../../../lib/jobs/job.ts'
import type { Writable } from '../../../lib/server-time.ts'
import type { RecordStore } from '../../../platform/ports.ts'

/** What every part of the suite has at hand: the store, once the tests run, and the shortest ways to use it. */
export type RecordStoreSuite = ReturnType<typeof suiteOf>

export function suiteOf(store: () => RecordStore) {
  return {
    store,
    put: <T>(collection: Collection<T>, id: string, data: Writable<T>): Promise<void> =>
      store().transact(async (tx) => tx.set(collection, id, data)),
    putAll: async <T>(collection: Collection<T>, all: Record<string, NoInfer<Writable<T>>>): Promise<void> =>
      store().transact(async (tx) => {
        for (const [id, data] of Object.entries(all)) tx.set(collection, id, data)
      }),
    remove: <T>(collection: Collection<T>, id: string): Promise<void> =>
      store().transact(async (tx) => tx.delete(collection, id)),
    read: async <T>(collection: Collection<T>, id: string): Promise<T | undefined> =>
      (await store().get(collection, id)).data,
  }
}

/** A collection that no other test has. */
export const newCollection = <T>(): Collection<T> => ({ name: `conformance-${randomUUID()}` })

export interface Counter {
  count: number
}

export const someJob: Job = {
  owner: 'somebody',
  filename: 'a.avi',
  size: 1,
  contentType: 'video/avi',
  status: 'ENQUEUED',
  progress: 0,
  warnings: [],
  source: { bucket: 'source', name: 'a' },
  options: {},
  timeline: {},
  attempt: 1,
  firstAttempt: 1,
  outbox: [],
  createdAt: new Date(0),
  updatedAt: new Date(0),
}
