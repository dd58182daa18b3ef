import { createStore, del, entries, get, set } from 'idb-keyval'
import type { EncodingOptions } from '../../lib/jobs/job.ts'
import { encodeCrc32c, extendCrc32c } from '../../lib/crc32c.ts'
import type { OpenSession } from './send.ts'

/** An upload whose session is open, as the browser remembers it until it is over. */
export interface Remembered extends OpenSession {
  filename: string
  size: number
  options: EncodingOptions
  /** What the file is known by. */
  fingerprint: string
  handle?: FileSystemFileHandle | undefined
}

// Where a browser forbids databases, an upload ends with its page.
const store = createStore('tapedeck', 'uploads')
const orNothing = (doing: Promise<unknown>): Promise<void> =>
  doing.then(
    () => undefined,
    () => undefined,
  )

export const remember = (upload: Remembered): Promise<void> => orNothing(set(upload.jobId, upload, store))

export const forget = (jobId: string): Promise<void> => orNothing(del(jobId, store))

/** The account's uploads that were begun in this browser and are not over. */
export async function recall(owner: string): Promise<Remembered[]> {
  const all = await entries<string, Remembered>(store).catch(() => [])
  return all.map(([, upload]) => upload).filter((upload) => upload.owner === owner)
}

/** Whether it is not over still, which another tab may have brought about. */
export const isRemembered = async (jobId: string): Promise<boolean> =>
  (await get<Remembered>(jobId, store).catch(() => undefined)) !== undefined

const probedBytes = 1024 * 1024

/** Tells whether a file that is given again is the same one: the CRC32C of its first and last megabyte, and its size. */
export async function fingerprintOf(file: Blob): Promise<string> {
  const parts = [file.slice(0, probedBytes), file.slice(Math.max(probedBytes, file.size - probedBytes))]
  let sum = 0
  for (const part of parts) sum = extendCrc32c(sum, new Uint8Array(await part.arrayBuffer()))
  return `${file.size} ${encodeCrc32c(sum)}`
}

export const isFileOf = async ({ fingerprint }: Remembered, file: Blob): Promise<boolean> =>
  (await fingerprintOf(file).catch(() => undefined)) === fingerprint

/**
 * Makes this tab the one that sends this upload. Gives what ends that; undefined if another tab is at it. (Where there are no
 * locks, nobody can tell.)
 */
export async function claim(jobId: string): Promise<(() => void) | undefined> {
  const { locks } = navigator as { locks?: LockManager }
  if (!locks) return () => {}
  return new Promise((resolve) => {
    const locked = locks.request(`tapedeck.upload.${jobId}`, { ifAvailable: true }, async (lock) => {
      if (!lock) return resolve(undefined)
      const { promise, resolve: release } = Promise.withResolvers<void>()
      resolve(release)
      await promise
    })
    // A browser that gives none to this page.
    locked.catch(() => resolve(() => {}))
  })
}
