import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import { log } from '../log.ts'
import { Problem } from '../problems.ts'

/** A JSON answer; without a body, an empty one. A handler that writes to `res` itself returns nothing. */
export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** What went wrong, as the caller may know it: anything that is not a Problem is logged and kept back. */
export function asProblem(error: unknown, context: Record<string, unknown>): Problem {
  if (error instanceof Problem) return error
  if (isStorageFull(error)) {
    log.error('The storage is full', error, context)
    return new Problem(
      'INSUFFICIENT_STORAGE',
      'The server has no room left for this. Free some space, then try again.',
    )
  }
  if (codeOf(error) === 'BUSY') {
    log.error('A store is busy', error, context)
    return new Problem('UNAVAILABLE', 'The server has too much to do at the moment. Try again.', {
      headers: { 'Retry-After': '1' },
    })
  }
  log.error('A request failed', error, context)
  return new Problem('INTERNAL', 'Something went wrong on the server. Try again; the log there says more.')
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && 'code' in error ? error.code : undefined

const isStorageFull = (error: unknown): boolean =>
  ['INSUFFICIENT_STORAGE', 'ENOSPC'].includes(String(codeOf(error)))

/** Sends an answer as JSON. */
export function send(res: ServerResponse, { status, body, headers = {} }: Answer): void {
  setHead(res, status, headers)
  if (body === undefined) {
    res.end()
    return
  }
  if (!res.hasHeader('content-type')) res.setHeader('Content-Type', 'application/json; charset=utf-8')
  res.setHeader('X-Content-Type-Options', 'nosniff')
  res.end(JSON.stringify(body))
}

function setHead(res: ServerResponse, status: number, headers: Record<string, string>): void {
  res.statusCode = status
  for (const [key, value] of Object.entries({ 'Cache-Control': 'no-store', ...headers }))
    res.setHeader(key, value)
}

/** Answers with a problem; where an answer is under way already, cuts it off instead. */
export function sendProblem(req: IncomingMessage, res: ServerResponse, problem: Problem): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  const json = JSON.stringify(problem)
  setHead(res, problem.status, {
    ...problem.extras.headers,
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(json)),
    'X-Content-Type-Options': 'nosniff',
  })
  res.write(json)
  discardRest(req, () => res.end())
}

const discardSeconds = 5

/**
 * The rest of a refused body is read for a while and thrown away: a connection closed at once would take the answer with it,
 * since most clients look for one only after they have sent everything.
 */
function discardRest(req: IncomingMessage, then: () => void): void {
  if (req.complete) {
    then()
    return
  }
  req.unpipe()
  req.resume()
  const cut = setTimeout(() => req.destroy(), discardSeconds * 1000)
  finished(req, { writable: false }, () => {
    clearTimeout(cut)
    then()
  })
}
