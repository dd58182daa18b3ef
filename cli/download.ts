import { randomBytes } from 'node:crypto'
import { lstat, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { backoffSeconds } from '../lib/backoff.ts'
import type { Api } from './api.ts'
import { wait } from './wait.ts'
import { leftovers } from './leftovers.ts'

const mostTries = 5

export interface Download {
  id: string
  /** Bytes that must come. */
  size: number
  target: string
  overwrite: boolean
  signal: AbortSignal
  onProgress: (receivedBytes: number) => void
}

/** Downloads a job's MP3: whole under `target`, or not at all. */
export async function downloadMp3(api: Api, download: Download): Promise<void> {
  const { target, overwrite, signal } = download
  // In the same folder, so that it can be renamed; with a short name, since the target's may have the full length.
  const part = join(dirname(target), `.tapedeck-${randomBytes(8).toString('hex')}.part`)
  leftovers.add(part)
  try {
    for (let tries = 1; ; tries += 1) {
      const { url } = await api.downloadUrl(download.id)
      try {
        await receive(url, part, download)
        break
      } catch (error) {
        signal.throwIfAborted()
        // What is wrong with the disk does not pass.
        if (!(error instanceof TransferError) || tries === mostTries) throw error
        await wait(backoffSeconds(tries), signal)
      }
    }
    if (!overwrite && (await exists(target)))
      throw new Error(`${target} has come into being meanwhile: it is left alone.`)
    await rename(part, target)
  } finally {
    await rm(part, { force: true })
    leftovers.delete(part)
  }
}

/** What may go better when it is tried again, unlike what is wrong with the disk. */
class TransferError extends Error {}

async function receive(url: string, part: string, { size, signal, onProgress }: Download): Promise<void> {
  let received = 0
  const file = await open(part, 'w')
  try {
    for await (const chunk of fetchBody(url, signal)) {
      await file.appendFile(chunk)
      received += chunk.length
      onProgress(received)
    }
  } finally {
    await file.close()
  }
  if (received !== size) throw new TransferError(`The download has ${received} bytes instead of ${size}.`)
}

async function* fetchBody(url: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    const response = await fetch(url, { signal })
    if (!response.ok) throw new Error(`The bucket answered with status ${response.status}.`)
    yield* response.body ?? []
  } catch (error) {
    throw new TransferError(
      `The download broke off: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}

/** Whether there is anything under this path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
