import { open, type FileHandle } from 'node:fs/promises'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { backoffSeconds } from '../lib/backoff.ts'
import { encodeCrc32c, extendCrc32c } from '../lib/crc32c.ts'
import { afterAnswer, newSession, type SessionAnswer, type Standing } from '../lib/resumable.ts'
import { mostFailures, wait as waitReally, type Wait } from './wait.ts'

export interface ResumableUpload {
  path: string
  /** Bytes, as declared when the session was opened. */
  size: number
  /** The session's URL: whoever has it may upload. */
  uploadUrl: string
  signal: AbortSignal
  /** Called with the bytes that have left so far; they may become fewer after a failure. */
  onProgress: (sentBytes: number) => void
  wait?: Wait
}

/** The session is over without an object: open a new one, or give up. */
export class SessionGoneError extends Error {
  override readonly name = 'SessionGoneError'
}

/** "Each chunk's size must be a multiple of 256 KiB, unless it is the last one." */
const chunkBytes = 32 * 256 * 1024
const pieceBytes = 64 * 1024
/** A connection on which nothing moves for so long is taken for dead. */
const stalledMs = 90_000

/**
 * Sends a file to a resumable session of Cloud Storage, chunk by chunk, over as many failures as it takes, and compares
 * checksums at the end. Rejects with SessionGoneError, with the signal's reason, or with an Error for people: the bucket
 * refuses, does not answer for minutes, or the file has become shorter or changed on its way.
 */
export async function uploadResumably(upload: ResumableUpload): Promise<void> {
  const { path, size, signal, onProgress, wait = waitReally } = upload
  const file = await open(path)
  try {
    const checksum = new Checksum(file)
    let standing: Standing = newSession
    while (standing.phase === 'asking' || standing.phase === 'sending') {
      onProgress(standing.stored)
      if (standing.failures > mostFailures)
        throw new Error('The bucket has not answered for minutes. Try again later.')
      let answer: SessionAnswer
      if (standing.phase === 'asking') {
        await wait(backoffSeconds(standing.failures), signal)
        // "Content-Range: bytes */SIZE", without a body: how much is stored?
        answer = await put(upload, `bytes */${size}`, new Uint8Array(), 0)
      } else {
        const { stored } = standing
        const chunk = await readFully(file, stored, Math.min(chunkBytes, size - stored))
        await checksum.extend(stored, chunk)
        answer = await put(upload, `bytes ${stored}-${stored + chunk.length - 1}/${size}`, chunk, stored)
      }
      signal.throwIfAborted()
      standing = afterAnswer(standing, answer, size)
    }
    if (standing.phase === 'gone') throw new SessionGoneError('The upload session is over.')
    if (standing.phase === 'refused') throw new Error(standing.message)
    onProgress(size)
    const sent = await checksum.upTo(size)
    if (standing.crc32c !== undefined && standing.crc32c !== sent) {
      const message = `What arrived (CRC32C ${standing.crc32c}) is not what was sent (${sent}). Did the file change meanwhile?`
      throw new Error(message)
    }
  } finally {
    await file.close()
  }
}

/** The CRC32C of a file from its start, of the bytes as they were first sent. */
class Checksum {
  readonly #file: FileHandle
  #sum = 0
  #end = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** Takes in what is new in the bytes at `start`. */
  async extend(start: number, bytes: Uint8Array): Promise<void> {
    // The bucket may store more than we know to have sent, where an answer was lost.
    if (start > this.#end) await this.upTo(start)
    const fresh = bytes.subarray(this.#end - start)
    this.#sum = extendCrc32c(this.#sum, fresh)
    this.#end += fresh.length
  }

  async upTo(end: number): Promise<string> {
    while (this.#end < end) {
      const bytes = await readFully(this.#file, this.#end, Math.min(chunkBytes, end - this.#end))
      await this.extend(this.#end, bytes)
    }
    return encodeCrc32c(this.#sum)
  }
}

async function readFully(file: FileHandle, start: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  let filled = 0
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled)
    if (bytesRead === 0) throw new Error('The file became shorter while it was uploaded.')
    filled += bytesRead
  }
  return bytes
}

/** One request to the session. Never rejects: where no answer comes, its status is 0. */
async function put(
  { uploadUrl, signal, onProgress }: ResumableUpload,
  contentRange: string,
  body: Uint8Array,
  stored: number,
): Promise<SessionAnswer> {
  const request = uploadUrl.startsWith('https:') ? requestHttps : requestHttp
  const headers = { 'Content-Range': contentRange, 'Content-Length': body.length }
  const req = request(uploadUrl, { method: 'PUT', headers, timeout: stalledMs, signal })
  req.on('timeout', () => req.destroy(new Error('stalled')))
  const answer = new Promise<SessionAnswer>((resolve) => {
    const none = (): void => resolve({ status: 0, range: null, body: '' })
    req.on('error', none)
    req.on('response', (res) => {
      const range = res.headers.range ?? null
      text(res).then((answered) => resolve({ status: res.statusCode ?? 0, range, body: answered }), none)
    })
  })
  const pieces = Readable.from(
    piecesOf(body, (sent) => onProgress(stored + sent)),
    { highWaterMark: 1 },
  )
  // What goes wrong here is heard of by the request's own error.
  void pipeline(pieces, req).catch(() => undefined)
  const result = await answer
  // An answer that came before the end of the body: the rest need not be sent.
  if (!req.writableFinished) req.destroy()
  return result
}

function* piecesOf(body: Uint8Array, onSent: (bytes: number) => void): Generator<Uint8Array> {
  for (let start = 0; start < body.length; start += pieceBytes) {
    onSent(start)
    yield body.subarray(start, start + pieceBytes)
  }
}
