import { afterAnswer, type SessionAnswer, type Standing, type Underway } from '../../lib/resumable.ts'
import { backoffSeconds } from '../../lib/backoff.ts'
import { PageError } from '../api/errors.ts'
import { Checksum } from './checksum.ts'
import type { Outgoing, Send } from '../api/transport.ts'

export interface ResumableUpload {
  file: Blob
  /** The session's URL: whoever has it may upload. */
  uploadUrl: string
  /** `newSession`, or `resumedSession` where bytes may be stored already. */
  from: Underway
  signal: AbortSignal
  onProgress: (progress: UploadProgress) => void
  send: Send
  wait: (seconds: number, signal: AbortSignal) => Promise<void>
}

export interface UploadProgress {
  sentBytes: number
  /** The connection was lost, or the bucket asked for patience: it will be tried again. */
  isInterrupted: boolean
}

/** The session is over without an object: open a new one, or give up. */
export class SessionGoneError extends Error {
  override readonly name = 'SessionGoneError'
}

/** "Each chunk's size must be a multiple of 256 KiB, unless it is the last one." */
export const chunkBytes = 32 * 256 * 1024

/**
 * Sends a file to a resumable session of Cloud Storage, over as many failures as it takes, and compares checksums at the
 * end. Rejects with SessionGoneError, with the signal's reason when aborted (the session may then be resumed), and with
 * an Error for people when the bucket refuses or the file cannot be read.
 */
export async function uploadResumably(upload: ResumableUpload): Promise<void> {
  const { file, from, signal, wait } = upload
  const checksum = new Checksum(file)
  let standing: Standing = from
  while (standing.phase === 'asking' || standing.phase === 'sending') {
    upload.onProgress({ sentBytes: standing.stored, isInterrupted: standing.failures > 0 })
    if (standing.phase === 'asking') await wait(backoffSeconds(standing.failures), signal)
    const answer =
      standing.phase === 'asking' ? await ask(upload) : await sendChunk(upload, checksum, standing)
    standing = afterAnswer(standing, answer, file.size)
  }
  if (standing.phase === 'gone') throw new SessionGoneError('The upload session is over.')
  if (standing.phase === 'refused') throw new Error(standing.message)
  await extend(checksum, file.size)
  if (standing.crc32c !== undefined && standing.crc32c !== String(checksum)) {
    throw new PageError('FILE_DAMAGED')
  }
}

// "Content-Range: bytes */SIZE", without a body: how much is stored?
const ask = (upload: ResumableUpload): Promise<SessionAnswer> =>
  put(upload, `bytes */${upload.file.size}`, {})

async function sendChunk(
  upload: ResumableUpload,
  checksum: Checksum,
  { stored }: Underway,
): Promise<SessionAnswer> {
  const { file, onProgress } = upload
  const end = Math.min(stored + chunkBytes, file.size)
  const [answer] = await Promise.all([
    put(upload, `bytes ${stored}-${end - 1}/${file.size}`, {
      body: file.slice(stored, end),
      onProgress: (sent) => onProgress({ sentBytes: stored + sent, isInterrupted: false }),
    }),
    extend(checksum, end),
  ])
  return answer
}

async function put(
  { uploadUrl, signal, send }: ResumableUpload,
  contentRange: string,
  watched: Pick<Outgoing, 'body' | 'onProgress'>,
): Promise<SessionAnswer> {
  const headers = { 'Content-Range': contentRange }
  const answer = await send({ method: 'PUT', url: uploadUrl, headers, signal, ...watched })
  return { status: answer.status, range: answer.header('Range'), body: answer.text }
}

async function extend(checksum: Checksum, end: number): Promise<void> {
  try {
    await checksum.extendTo(end)
  } catch (error) {
    throw new PageError('FILE_UNREADABLE', { cause: error })
  }
}
