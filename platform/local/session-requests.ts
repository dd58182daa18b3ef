import type { IncomingMessage } from 'node:http'
import { bodyHeaders } from '../../lib/http/raw-request.ts'
import { StoreError } from '../ports.ts'
import { chunkQuantum } from './append.ts'
import { parseUploadRange, type UploadRange } from './content-range.ts'
import { apiError, type UploadSession, type UploadSessions } from './upload-sessions.ts'

export interface Answer {
  status: number
  headers?: Record<string, string>
  body: string
}

/** The HTTP side of Cloud Storage's resumable uploads; resolves to undefined if the client has gone. */
export function openSessionRequests(sessions: UploadSessions) {
  const inTurn = openTurns()

  return async (id: string, request: IncomingMessage): Promise<Answer | undefined> =>
    inTurn(id, request, async () => {
      try {
        const session = await sessions.find(id)
        if (!session) return apiError(404, 'notFound', 'There is no such upload session. Start a new one.')
        if (session.end) return session.end
        if (request.method === 'PUT') return await put(sessions, session, request)
        if (request.method === 'DELETE') return await sessions.cancel(id)
        return apiError(
          405,
          'methodNotAllowed',
          `An upload session takes PUT and DELETE, not ${request.method}.`,
        )
      } catch (error) {
        if (request.destroyed && !request.complete) return undefined
        if (error instanceof TooManyBytes) return apiError(400, 'invalid', error.message)
        if (!(error instanceof StoreError)) throw error
        if (error.code === 'INSUFFICIENT_STORAGE') return apiError(507, 'insufficientStorage', error.message)
        return apiError(410, 'gone', error.message)
      }
    })
}

async function put(
  sessions: UploadSessions,
  session: UploadSession,
  request: IncomingMessage,
): Promise<Answer> {
  const header = request.headers['content-range']
  const range = parseUploadRange(header)
  if (!range) return apiError(400, 'invalid', `Content-Range: ${header} is not one of an upload.`)
  if (range.total !== undefined && range.total !== session.size)
    return apiError(
      400,
      'invalid',
      `The session was opened for ${session.size} bytes, not for ${range.total}.`,
    )

  if (range.kind === 'query') {
    // Only who names the size says that it is the whole object: "bytes */*" asks and changes nothing.
    const whole = range.total === session.stored
    return whole ? sessions.finish(session.id, sentCrc32c(request)) : incomplete(session)
  }

  const refusal = refuse(session, range, bodyHeaders(request)['content-length'])
  if (refusal) return refusal
  const limit = (range.last ?? session.size - 1) + 1 - range.first
  // "Cloud Storage ignores any bytes you send at an offset that it has already persisted."
  const fresh = slice(request, session.stored - range.first, limit)
  const after = await sessions.append(session.id, fresh)
  if (after.stored === after.size) return sessions.finish(session.id, sentCrc32c(request))
  if (!isFinal(session, range)) return incomplete(after)
  return apiError(400, 'invalid', `The upload ended early: the session was opened for ${session.size} bytes.`)
}

type BytesRange = UploadRange & { kind: 'bytes' }

const isFinal = (session: UploadSession, { last }: BytesRange): boolean =>
  last === undefined || last + 1 === session.size

/** What can be refused before the first byte is read. */
function refuse(
  session: UploadSession,
  range: BytesRange,
  contentLength: string | undefined,
): Answer | undefined {
  const { first, last } = range
  if (first > session.stored)
    return apiError(
      503,
      'backendError',
      `Content-Range starts at ${first}, but only ${session.stored} bytes are stored. Ask where to go on.`,
    )
  const length = (last ?? session.size - 1) + 1 - first
  if (first + length > session.size)
    return apiError(
      400,
      'invalid',
      `The session was opened for ${session.size} bytes; byte ${last} is beyond them.`,
    )
  if (
    contentLength !== undefined &&
    (last === undefined ? Number(contentLength) > length : Number(contentLength) !== length)
  )
    return apiError(400, 'invalid', `Content-Length is ${contentLength}, but ${length} bytes are due.`)
  // "The number of bytes uploaded is required to be equal or greater than 262144, except for the final request."
  if (!isFinal(session, range) && length < chunkQuantum)
    return apiError(
      400,
      'invalid',
      `A chunk before the last needs a multiple of ${chunkQuantum} bytes, not ${length}.`,
    )
  return undefined
}

/** "308 Resume Incomplete", with "Range: bytes=0-N" for what is stored, without Range when nothing is. */
const incomplete = ({ stored }: UploadSession): Answer => ({
  status: 308,
  headers: stored > 0 ? { Range: `bytes=0-${stored - 1}` } : {},
  body: '',
})

/** X-Goog-Hash: crc32c=<base64>,md5=<base64> */
function sentCrc32c(request: IncomingMessage): string | undefined {
  return /(?:^|[,\s])crc32c=([^,\s]+)/.exec(String(request.headers['x-goog-hash'] ?? ''))?.[1]
}

class TooManyBytes extends Error {}

/** The bytes of a request without the first `skip`; throws when there are more than `limit`. */
async function* slice(request: IncomingMessage, skip: number, limit: number): AsyncGenerator<Uint8Array> {
  let position = 0
  // Not destroyed on an error: there is an answer to send.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    if (position + chunk.length > limit) throw new TooManyBytes(`More than ${limit} bytes were sent.`)
    const fresh = chunk.subarray(Math.max(0, skip - position))
    if (fresh.length > 0) yield fresh
    position += chunk.length
  }
}

/**
 * One request at a time per session. A new one ends the one under way: its client has lost the connection and come
 * back, while here the old connection may seem alive for minutes.
 */
function openTurns() {
  const running = new Map<string, { request: IncomingMessage; done: Promise<unknown> }>()
  return async <R>(id: string, request: IncomingMessage, work: () => Promise<R>): Promise<R> => {
    for (let other = running.get(id); other; other = running.get(id)) {
      other.request.destroy()
      await other.done
    }
    const result = work()
    const turn = { request, done: result.catch(() => undefined).then(() => running.delete(id)) }
    running.set(id, turn)
    return result
  }
}
