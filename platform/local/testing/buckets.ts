import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ObjectInfo } from '../../ports.ts'
import { createBucketServer } from '../bucket-server.ts'
import { openDatabase, type Database } from '../database.ts'
import { openObjects, type LocalObjectStore } from '../objects.ts'

export interface Buckets {
  dataDir: string
  database: Database
  objects: LocalObjectStore
  server: Server
  url: string
  /** Every generation whose event was enqueued. */
  finalized: ObjectInfo[]
  close: () => Promise<void>
}

export const pageOrigin = 'https://page.example'

/** A store in a folder of its own (or in `dataDir`, which is then kept) and its bucket server on a free port. */
export async function startBuckets(dataDir?: string): Promise<Buckets> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'tapedeck-objects-')))
  const database = openDatabase(folder)
  const finalized: ObjectInfo[] = []
  const objects = await openObjects(database, {
    dataDir: folder,
    bucketUrl: () => serverUrl(server),
    enqueueFinalized: (info) => finalized.push(info),
  })
  const server = createBucketServer(objects, { allowedOrigins: [pageOrigin] })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    dataDir: folder,
    database,
    objects,
    server,
    url: serverUrl(server),
    finalized,
    async close() {
      server.close()
      server.closeAllConnections()
      database.close()
      if (dataDir === undefined) await rm(folder, { recursive: true })
    },
  }
}

function serverUrl(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new Error('The bucket server does not listen yet.')
  return `http://127.0.0.1:${address.port}`
}
