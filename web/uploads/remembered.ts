import { createStore, del, entries, get, set } from 'idb-keyval'
import { v7 as newId } from 'uuid'
import type { EncodingOptions } from '../../lib/jobs/job.ts'
import { encodeCrc32c, extendCrc32c } from '../../lib/crc32c.ts'
import type { OpenSession } from './send.ts'

/** An upload as the browser remembers it until it is over. */
export interface Remembered {
  key: string
  /** Its account's id. */
  owner: string
  filename: string
  size: number
  options: EncodingOptions
  handle?: FileSystemFileHandle | undefined
  /** By which its job is asked for, as long as nobody knows what came of that. */
  onceKey?: string | undefined
  /** How much had been sent when it was paused, if it was. */
  pausedAt?: number | undefined
  /** Its session, once one is open. */
  jobId?: string | undefined
  uploadUrl?: string | undefined
  /** What the file is known by, once bytes of it are stored. */
  fingerprint?: string | undefined
}

// Where a browser forbids databases, an upload ends with its page.
const store = createStore('tapedeck', 'uploads')

/** What this gives; undefined where the browser does not let it, which some say before there is a promise. */
async function orNothing<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch {
    return undefined
  }
}

/** Sorts as they were made. */
export const newKey = (): string => newId()

/** Whether that has worked. */
export const remember = async (upload: Remembered): Promise<boolean> =>
  (await orNothing(() => set(upload.key, upload, store).then(() => true))) ?? false

export const forget = (key: string): Promise<void> => orNothing(() => del(key, store))

/** The account's uploads that were added in this browser and are not over, in the order in which they came. */
export async function recall(owner: string): Promise<Remembered[]> {
  const all = (await orNothing(() => entries<string, Remembered>(store))) ?? []
  return all.flatMap(([key, upload]) => (upload.owner === owner ? [{ ...upload, key }] : []))
}

/** One of them as it is now; undefined if it is over, which another tab may have brought about. */
export async function recallOne(key: string): Promise<Remembered | undefined> {
  const upload = await orNothing(() => get<Remembered>(key, store))
  return upload && { ...upload, key }
}

/** The session that is to be gone on with; undefined where none was opened. */
export const sessionOf = ({ owner, jobId, uploadUrl }: Remembered): OpenSession | undefined =>
  jobId === undefined || uploadUrl === undefined ? undefined : { owner, jobId, uploadUrl }

const probedBytes = 1024 * 1024

/** Tells whether a file that is given again is the same one: the CRC32C of its first and last megabyte, and its size. */
export async function fingerprintOf(file: Blob): Promise<string> {
  const parts = [file.slice(0, probedBytes), file.slice(Math.max(probedBytes, file.size - probedBytes))]
  let sum = 0
  for (const part of parts) sum = extendCrc32c(sum, new Uint8Array(await part.arrayBuffer()))
  return `${file.size} ${encodeCrc32c(sum)}`
}

/** Whether this may be its file. Undefined where it cannot be read. Of what was not begun, name and size are enough. */
export async function isFileOf(
  { fingerprint, filename, size }: Remembered,
  file: File,
): Promise<boolean | undefined> {
  if (fingerprint === undefined) return file.name === filename && file.size === size
  if (file.size !== size) return false
  const found = await fingerprintOf(file).catch(() => undefined)
  return found === undefined ? undefined : found === fingerprint
}
