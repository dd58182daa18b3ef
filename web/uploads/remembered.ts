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

const tabs = new BroadcastChannel('tapedeck.uploads')

/** Other tabs hear of it, to go on with it once this one is gone. */
export async function remember(upload: Remembered): Promise<void> {
  await orNothing(set(upload.jobId, upload, store))
  // What the rule is about is windows: a channel is of one origin anyway.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  tabs.postMessage(upload.jobId)
}

/** Calls `listener` when another tab has begun an upload. */
export const onBegunElsewhere = (listener: () => void): void => tabs.addEventListener('message', listener)

export const forget = (jobId: string): Promise<void> => orNothing(del(jobId, store))

/** The account's uploads that were begun in this browser and are not over. */
export async function recall(owner: string): Promise<Remembered[]> {
  const all = await entries<string, Remembered>(store).catch(() => [])
  return all.map(([, upload]) => upload).filter((upload) => upload.owner === owner)
}

/** One of them as it is now; undefined if it is over, which another tab may have brought about. */
export const recallOne = (jobId: string): Promise<Remembered | undefined> =>
  get<Remembered>(jobId, store).catch(() => undefined)

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
 * Makes this tab the one that sends this upload, as soon as no other is at it. Gives what ends that; undefined if that was not waited
 * for. (Where there are no locks, nobody can tell.)
 */
export async function claim(jobId: string, signal?: AbortSignal): Promise<(() => void) | undefined> {
  const { locks } = navigator as { locks?: LockManager }
  if (!locks) return () => {}
  return new Promise((resolve) => {
    const locked = locks.request(`tapedeck.upload.${jobId}`, signal ? { signal } : {}, async () => {
      const { promise, resolve: release } = Promise.withResolvers<void>()
      resolve(release)
      await promise
    })
    // A browser may give none to this page.
    locked.catch(() => resolve(signal?.aborted ? undefined : () => {}))
  })
}
