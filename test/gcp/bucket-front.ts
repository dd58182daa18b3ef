import { appendFileSync, createReadStream, mkdtempSync, rmSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { exposedHeaders } from '../../lib/exposed-headers.ts'
import { restoreBodyHeaders } from '../../lib/http/raw-request.ts'
import { parseUploadRange } from '../../platform/local/content-range.ts'
import { createClassKeeper } from './class-keeper.ts'

/** An upload session of which something has come, or that was cancelled. */
interface Session {
  path: string
  stored: number
  /** The answer that completed it. */
  result?: string
  isCancelled?: boolean
}

/**
 * Stands in front of fake-gcs-server, which has chunked uploads wrong: gathers the chunks of a session, and sends them on in
 * one; and which forgets storage classes. Everything else goes through as it is.
 */
export function createBucketFront(storageHost: string): Server {
  const folder = mkdtempSync(join(tmpdir(), 'tapedeck-sessions-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const sessions = new Map<string, Session>()
  const origin = `http://${storageHost}`
  const keepClasses = createClassKeeper(origin)

  function find(id: string): Session {
    const session = sessions.get(id) ?? { path: join(folder, String(sessions.size)), stored: 0 }
    sessions.set(id, session)
    return session
  }

  function cancel(res: ServerResponse, id: string): void {
    find(id).isCancelled = true
    // "If the cancellation succeeds, the status is 499."
    res.writeHead(499).end()
  }

  async function putChunk(req: IncomingMessage, res: ServerResponse, id: string): Promise<void> {
    const range = parseUploadRange(req.headers['content-range'])
    const session = find(id)
    if (session.isCancelled) return void res.writeHead(499).end()
    if (range?.kind === 'bytes') {
      let position = range.first
      for await (const chunk of req as AsyncIterable<Buffer>) {
        const fresh = chunk.subarray(Math.max(0, session.stored - position))
        position += chunk.length
        if (position - fresh.length > session.stored) break
        appendFileSync(session.path, fresh)
        session.stored += fresh.length
      }
    }
    if (session.result === undefined && session.stored === range?.total) {
      session.result = await sendOn(`${origin}${req.url}`, session)
    }
    if (session.result !== undefined) {
      res.writeHead(200, { 'Content-Type': 'application/json' }).end(session.result)
      return
    }
    res.writeHead(308, session.stored > 0 ? { Range: `bytes=0-${session.stored - 1}` } : {}).end()
  }

  return createServer((req, res) => {
    // The functions in the same process have these put aside, for every server.
    restoreBodyHeaders(req)
    const id = new URL(req.url ?? '/', origin).searchParams.get('upload_id')
    const isChunk = req.method === 'PUT' && req.headers['content-range'] !== undefined
    res.setHeader('Access-Control-Allow-Origin', '*')
    res.setHeader('Access-Control-Expose-Headers', exposedHeaders.join(', '))
    if (id !== null && req.method === 'DELETE') cancel(res, id)
    else if (id !== null && isChunk)
      putChunk(req, res, id).catch((error: unknown) => res.writeHead(503).end(String(error)))
    else if (!keepClasses(req, res)) pass(req, res, origin)
  })
}

function sendOn(url: string, { path, stored }: Session): Promise<string> {
  return new Promise((resolve, reject) => {
    const req = request(url, { method: 'PUT', headers: { 'content-length': stored } }, (answer) => {
      resolve(text(answer))
    })
    req.on('error', reject)
    createReadStream(path).on('error', reject).pipe(req)
  })
}

function pass(req: IncomingMessage, res: ServerResponse, origin: string): void {
  const { host, ...headers } = req.headers
  const forwarded = request(`${origin}${req.url}`, { method: req.method, headers }, (answer) => {
    const { location } = answer.headers
    // A session's address: here, not there.
    if (location !== undefined) answer.headers.location = location.replace(origin, `http://${host}`)
    const own = res.getHeaderNames()
    const others = Object.entries(answer.headers).filter(([name]) => !own.includes(name))
    for (const [name, value] of others) if (value !== undefined) res.setHeader(name, value)
    res.writeHead(answer.statusCode ?? 502)
    answer.on('error', () => res.destroy())
    answer.pipe(res)
  })
  forwarded.on('error', () => res.destroy())
  res.on('close', () => forwarded.destroy())
  req.pipe(forwarded)
}
