import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { askedRange } from '../../lib/http/range.ts'
import { exposedHeaders } from '../../lib/exposed-headers.ts'
import { log } from '../../lib/log.ts'
import { StoreError, type ObjectInfo } from '../ports.ts'
import type { LocalObjectStore } from './objects.ts'
import { limitPatience } from './patience.ts'
import { openSessionRequests, type Answer } from './session-requests.ts'

/**
 * The buckets' own HTTP server: signed downloads and upload sessions, nothing else. `allowedOrigins` are the pages that
 * may read signed URLs with fetch.
 */
export function createBucketServer(
  objects: LocalObjectStore,
  { allowedOrigins }: { allowedOrigins: readonly string[] },
): Server {
  const sessionRequest = openSessionRequests(objects.sessions)

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, search] = splitOnce(request.url ?? '', '?')
    const query = new URLSearchParams(search)
    const id = query.get('upload_id')
    if (/^\/upload\/storage\/v1\/b\/[^/]+\/o$/.test(path) && id !== null) {
      const session = await objects.sessions.find(id)
      // A page must be able to read the 404 of a session that was forgotten long ago.
      allowOrigin(request, response, session ? [session.origin] : allowedOrigins, sessionCors)
      if (request.method === 'OPTIONS') return send(response, { status: 204, body: '' })
      const answer = await sessionRequest(id, request)
      return answer && send(response, answer)
    }
    const object = parseObjectPath(path)
    if (!object) return send(response, xmlError(404, 'NoSuchKey', 'There is nothing here.'))
    allowOrigin(request, response, allowedOrigins, downloadCors)
    if (request.method === 'OPTIONS') return send(response, { status: 204, body: '' })
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return send(response, xmlError(405, 'MethodNotAllowed', 'A signed URL takes GET and HEAD.'))
    const refusal = signatureErrors[objects.checkSignature(path, query)]
    if (refusal) return send(response, refusal)
    const disposition = query.get('response-content-disposition') ?? 'attachment'
    return sendObject(objects, object, disposition, request, response)
  }

  // A large upload may take longer than the five minutes that Node allows a request.
  return createServer({ requestTimeout: 0 }, (request, response) => {
    // An upload that is cut off keeps what has come.
    limitPatience(request, response, request.method === 'PUT')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    response.setHeader('Content-Security-Policy', 'sandbox')
    handle(request, response).catch((error: unknown) => {
      if (response.destroyed) return
      log.error('A request to the buckets failed', error, { method: request.method })
      if (response.headersSent) response.destroy()
      else send(response, xmlError(500, 'InternalError', 'Something went wrong here.'))
    })
  })
}

const signatureErrors = {
  valid: undefined,
  expired: xmlError(400, 'ExpiredToken', 'This URL has expired.'),
  wrong: xmlError(403, 'SignatureDoesNotMatch', 'The signature does not match this URL.'),
  missing: xmlError(403, 'AccessDenied', 'A signed URL is needed.'),
}

/** Sends an object as an attachment, or the one range of it that is asked for. */
async function sendObject(
  objects: LocalObjectStore,
  name: { bucket: string; name: string },
  disposition: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const info = await objects.stat(name)
  if (!info) return send(response, xmlError(404, 'NoSuchKey', 'The object does not exist.'))
  const etag = `"${info.generation}"`
  const asked = request.method === 'GET' ? askedRange(request.headers, { size: info.size, etag }) : 'whole'
  response.setHeader('Accept-Ranges', 'bytes')
  if (asked === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${info.size}`)
    return send(response, xmlError(416, 'InvalidRange', 'The object has no such range.'))
  }
  const isPart = asked !== 'whole'
  const { start, end } = isPart ? asked : { start: 0, end: info.size - 1 }
  const headers = {
    'Content-Type': safeContentType(info.contentType),
    'Content-Disposition': disposition,
    'Content-Length': end - start + 1,
    ...(isPart && { 'Content-Range': `bytes ${start}-${end}/${info.size}` }),
    ETag: etag,
    'Last-Modified': info.timeCreated.toUTCString(),
    'Cache-Control': 'private, max-age=0',
    'x-goog-generation': info.generation,
    'x-goog-hash': `crc32c=${info.crc32c}`,
    'x-goog-storage-class': info.storageClass,
  }
  if (request.method === 'HEAD' || info.size === 0) return void response.writeHead(200, headers).end()
  const { generation } = info
  const bytes = await objects.read(name, { generation, start, end }).catch(notFound)
  if (!bytes) return sendObject(objects, name, disposition, request, response)
  response.writeHead(isPart ? 206 : 200, headers)
  await pipeline(bytes, response)
}

/** The object was replaced or deleted since it was looked up. */
function notFound(error: unknown): undefined {
  if (!(error instanceof StoreError)) throw error
}

/** The uploader's content type only where a browser cannot run it. */
const safeContentType = (contentType: ObjectInfo['contentType']): string =>
  /^(audio|video)\/[\w.+-]+$/i.test(contentType) ? contentType : 'application/octet-stream'

function parseObjectPath(path: string): { bucket: string; name: string } | undefined {
  const match = /^\/([^/]+)\/([^/]+)$/.exec(path)
  if (!match) return undefined
  const [, bucket = '', name = ''] = match
  try {
    return { bucket: decodeURIComponent(bucket), name: decodeURIComponent(name) }
  } catch {
    return undefined
  }
}

interface Cors {
  methods: string
  requestHeaders: string
}

const sessionCors: Cors = {
  methods: 'PUT, DELETE',
  requestHeaders: 'Content-Type, Content-Range, X-Goog-Hash',
}

const downloadCors: Cors = {
  methods: 'GET, HEAD',
  requestHeaders: 'Range, If-Range',
}

/** Lets a page read the answer, if its origin is one of the allowed. */
function allowOrigin(
  { headers, method }: IncomingMessage,
  response: ServerResponse,
  allowed: readonly (string | undefined)[],
  cors: Cors,
): void {
  response.setHeader('Vary', 'Origin')
  if (headers.origin === undefined || !allowed.includes(headers.origin)) return
  response.setHeader('Access-Control-Allow-Origin', headers.origin)
  response.setHeader('Access-Control-Expose-Headers', exposedHeaders.join(', '))
  if (method !== 'OPTIONS') return
  response.setHeader('Access-Control-Allow-Methods', cors.methods)
  response.setHeader('Access-Control-Allow-Headers', cors.requestHeaders)
  response.setHeader('Access-Control-Max-Age', '3600')
}

/** An error as Cloud Storage answers it to a plain GET. The texts are ours and need no escaping. */
function xmlError(status: number, code: string, message: string): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/xml; charset=utf-8' },
    body: `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  }
}

function send(response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, statusTexts[status], {
    ...(body !== '' && { 'Content-Type': 'application/json; charset=utf-8' }),
    // Browsers may keep a 308 for ever; what this one says holds for a moment.
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(body)
}

/** Where the protocol's name is not HTTP's. */
const statusTexts: Record<number, string> = { 308: 'Resume Incomplete', 499: 'Client Closed Request' }

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}
