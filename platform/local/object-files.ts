import { randomUUID } from 'node:crypto'
import { createReadStream, mkdirSync, openSync, type ReadStream } from 'node:fs'
import { open, opendir, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { log } from '../../lib/log.ts'
import { StoreError } from '../ports.ts'
import { append, type Mark } from './append.ts'

/** A file with the bytes of an object; its name is random and says nothing about the object's. */
export interface StoredFile extends Mark {
  file: string
}

export type ObjectFiles = ReturnType<typeof openObjectFiles>

/** The files below `folder`: who refers to them is the tables' business. */
export function openObjectFiles(folder: string) {
  mkdirSync(folder, { recursive: true })
  const path = (file: string): string => join(folder, file)

  /** Without this a power cut could take a new file's name, though its bytes are on the disk. */
  async function syncFolder(): Promise<void> {
    const handle = await open(folder, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  /** Removes a file that nothing refers to. If that fails, the next start does it. */
  async function remove(file: string): Promise<void> {
    await rm(path(file), { force: true }).catch((error: unknown) =>
      log.error('A file could not be removed; the next start tries again', error, { file: path(file) }),
    )
  }

  return {
    remove,

    /** Makes an empty file that survives a power cut. */
    async create(): Promise<string> {
      const file = randomUUID()
      await (await open(path(file), 'wx')).close()
      await syncFolder()
      return file
    },

    /** Writes `body` to a new file that survives a power cut, or leaves nothing behind. Throws INSUFFICIENT_STORAGE. */
    async write(body: AsyncIterable<Uint8Array>): Promise<StoredFile> {
      const file = randomUUID()
      try {
        const handle = await open(path(file), 'wx')
        try {
          const stored = await append(handle, { size: 0, crc32c: 0 }, body)
          await syncFolder()
          return { file, ...stored }
        } finally {
          await handle.close()
        }
      } catch (error) {
        await remove(file)
        throw asStoreError(error)
      }
    },

    /** Opens an existing file, to write anywhere in it. */
    openToWrite: (file: string): Promise<FileHandle> => open(path(file), 'r+'),

    /**
     * Streams a file, `end` inclusive. It is open when this returns: removing it later does not disturb the stream.
     * Being synchronous, it also cannot lose the race against a removal after the caller has looked the file up.
     */
    read(file: string, range: { start?: number; end?: number } = {}): ReadStream {
      const { start = 0, end = Infinity } = range
      if (start > end) throw new RangeError(`A read must not end (${end}) before it starts (${start}).`)
      const fd = openSync(path(file), 'r')
      return createReadStream('', { fd, start, end, highWaterMark: 256 * 1024 })
    },

    /** Removes what a crash left behind: every file that is not known. */
    async removeUnknown(isKnown: (file: string) => boolean): Promise<void> {
      for await (const entry of await opendir(folder)) if (!isKnown(entry.name)) await remove(entry.name)
    },
  }
}

const noSpaceCodes = new Set<unknown>(['ENOSPC', 'EDQUOT', 'EFBIG'])
const SQLITE_FULL = 13

/** Tells a full disk (or quota, or file system that cannot hold so large a file) from all other faults. */
export function asStoreError(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const noSpace = 'code' in error && noSpaceCodes.has(error.code)
  const full = noSpace || ('errcode' in error && error.errcode === SQLITE_FULL)
  if (!full) return error
  return new StoreError('INSUFFICIENT_STORAGE', 'The disk that holds DATA_DIR is full. Free some space.', {
    cause: error,
  })
}
