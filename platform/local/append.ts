import type { FileHandle } from 'node:fs/promises'
import { extendCrc32c } from '../../lib/crc32c.ts'

/** How long a file is, in bytes, and the CRC32C of them. */
export interface Mark {
  size: number
  crc32c: number
}

/** Bytes. "Each chunk's size must be a multiple of 256 KiB, unless it is the last one." */
export const chunkQuantum = 256 * 1024
/** The disk is at work on so many bytes while as many come in: a crash costs twice this at the most. */
const checkpointBytes = 16 * 1024 * 1024

export interface AppendOptions {
  /** Bytes that the file is to have; until it has, only whole quanta count. Without it, all that comes does. */
  size?: number
  /** Called, now and then and at the end, when so much of the file cannot be lost any more; not if that is no more than before. */
  onSynced?: (mark: Mark) => void
}

/**
 * Appends `body` to a file that reaches to `start`; returns what then is on the disk. Network, processor and disk work side by
 * side: while a quantum is written the next one comes in. If `body` throws, the quanta that had come are kept all the same.
 */
export async function append(
  handle: FileHandle,
  start: Mark,
  body: AsyncIterable<Uint8Array>,
  { size, onSynced }: AppendOptions = {},
): Promise<Mark> {
  let come = start
  let quantum: Uint8Array[] = []
  let written = start
  let writing: Promise<void> | undefined
  let syncing: Promise<void> | undefined
  let checkpoint = start

  const sync = async (mark: Mark): Promise<void> => {
    await handle.sync()
    onSynced?.(mark)
  }
  const write = async (chunks: Uint8Array[], mark: Mark): Promise<void> => {
    await writeAll(handle, chunks, written.size)
    written = mark
    if (written.size - checkpoint.size < checkpointBytes) return
    await syncing
    checkpoint = written
    syncing = handled(sync(written))
  }
  const flush = async (): Promise<void> => {
    await writing
    writing = handled(write(quantum, come))
    quantum = []
  }

  try {
    for await (const chunk of body) {
      for (const part of atQuanta(come.size, chunk)) {
        quantum.push(part)
        come = { size: come.size + part.length, crc32c: extendCrc32c(come.crc32c, part) }
        if (come.size % chunkQuantum === 0 || come.size === size) await flush()
      }
    }
    if (size === undefined && quantum.length > 0) await flush()
  } finally {
    try {
      await writing
    } finally {
      await syncing
      if (written !== checkpoint) await sync(written)
    }
  }
  return written
}

/** A promise that is awaited later: until then its rejection is nobody's fault. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

/** The parts of a chunk at `position` that lie between multiples of a quantum. */
function* atQuanta(position: number, chunk: Uint8Array): Generator<Uint8Array> {
  let rest = chunk
  let toNext = chunkQuantum - (position % chunkQuantum)
  while (rest.length > toNext) {
    yield rest.subarray(0, toNext)
    rest = rest.subarray(toNext)
    toNext = chunkQuantum
  }
  if (rest.length > 0) yield rest
}

/** Writes all of `chunks` at `position`: near the end of a disk a single write may take only some of them. */
async function writeAll(handle: FileHandle, chunks: Uint8Array[], position: number): Promise<void> {
  let { bytesWritten: done } = await handle.writev(chunks, position)
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  if (done === length) return
  const bytes = Buffer.concat(chunks)
  while (done < length) done += (await handle.write(bytes, done, length - done, position + done)).bytesWritten
}
