import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream'
import type { z } from 'zod'
import { log } from '../log.ts'
import { Problem } from '../problems.ts'
import { allowCrossOrigin } from './cors.ts'
import { bodyHeaders, rawUrl } from './raw-request.ts'

export interface User {
  id: string
  email: string
  role: 'admin' | 'user'
}

/** A request on its way through a handler. */
export interface Call {
  req: IncomingMessage
  res: ServerResponse
  url: URL
  params: Record<string, string>
}

export interface UserCall extends Call {
  user: User
}

/** A JSON answer; without a body, an empty one. A handler that writes to `res` itself returns nothing. */
export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Route = { method: Method; path: string } & (
  | { access: 'anyone'; handle: (call: Call) => Promise<Answer | void> }
  | { access: 'user' | 'admin'; handle: (call: UserCall) => Promise<Answer | void> }
)

export interface Router {
  /** The function's name: paths are accepted with and without it in front. */
  name: string
  routes: Route[]
  allowedOrigins: readonly string[]
  /** Who sends this Authorization header. Throws a Problem. */
  authenticate: (authorization: string | undefined) => Promise<User>
}

/** The request handler of an HTTP function: finds the route, checks who calls, answers every mistake as problem+json. */
export function router({ name, routes, allowedOrigins, authenticate }: Router) {
  const patterns = routes.map((route) => ({ route, pattern: new URLPattern({ pathname: route.path }) }))

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<Answer | void> {
    if (allowCrossOrigin(req, res, allowedOrigins)) return
    const url = requestUrl(req, name)
    const matches = patterns.flatMap(({ route, pattern }) => {
      const match = pattern.exec({ pathname: url.pathname })
      return match ? { route, params: match.pathname.groups } : []
    })
    if (matches.length === 0) throw new Problem('NOT_FOUND', `There is nothing at ${url.pathname}.`)
    const method = req.method === 'HEAD' ? 'GET' : req.method
    const match = matches.find(({ route }) => route.method === method)
    if (!match)
      throw methodNotAllowed(
        req,
        matches.map(({ route }) => route.method),
      )
    const { route } = match
    const call: Call = { req, res, url, params: decodeParams(match.params) }
    if (route.access === 'anyone') return route.handle(call)
    const user = await authenticate(req.headers.authorization)
    if (route.access === 'admin' && user.role !== 'admin') {
      throw new Problem('FORBIDDEN', 'Only an administrator may do that.')
    }
    return route.handle({ ...call, user })
  }

  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const answer = await handle(req, res)
      if (answer) send(res, answer)
    } catch (error) {
      sendProblem(req, res, asProblem(error, { function: name }))
    }
  }
}

function requestUrl(req: IncomingMessage, name: string): URL {
  const target = rawUrl(req)
  if (!URL.canParse(target, 'http://function'))
    throw new Problem('BAD_REQUEST', 'The path is not a valid URL.')
  const url = new URL(target, 'http://function')
  if (url.pathname === `/${name}` || url.pathname.startsWith(`/${name}/`)) {
    url.pathname = url.pathname.slice(name.length + 1) || '/'
  }
  if (url.pathname.length > 1 && url.pathname.endsWith('/')) url.pathname = url.pathname.slice(0, -1)
  return url
}

function decodeParams(groups: Record<string, string | undefined>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(groups).map(([key, text = '']) => [key, decodeURIComponent(text)]),
    )
  } catch (error) {
    if (error instanceof URIError)
      throw new Problem('BAD_REQUEST', 'The path is not valid percent-encoded UTF-8.')
    throw error
  }
}

function methodNotAllowed(req: IncomingMessage, methods: Method[]): Problem {
  const allow = [...new Set(methods)].join(', ')
  return new Problem('METHOD_NOT_ALLOWED', `${req.method} is not possible here; use ${allow}.`, {
    headers: { Allow: allow },
  })
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
  log.error('A request failed', error, context)
  return new Problem('INTERNAL', 'Something went wrong on the server. Try again; the log there says more.')
}

const isStorageFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['INSUFFICIENT_STORAGE', 'ENOSPC'].includes(String(error.code))

function send(res: ServerResponse, { status, body, headers = {} }: Answer): void {
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

/** The query's values, checked. Throws UNPROCESSABLE. */
export function readQuery<S extends z.ZodType>(url: URL, schema: S): z.output<S> {
  return checked(schema, Object.fromEntries(url.searchParams))
}

const jsonLimit = 64 * 1024

/** The JSON body, at most 64 KiB of it, checked. Throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, BAD_JSON, UNPROCESSABLE. */
export async function readJson<S extends z.ZodType>(req: IncomingMessage, schema: S): Promise<z.output<S>> {
  const headers = bodyHeaders(req)
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json' || headers['content-encoding'] !== undefined) {
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      `The body must be plain application/json; ${type ?? 'no content type'} came.`,
    )
  }
  const chunks: Buffer[] = []
  let size = 0
  // A stream that is left early is destroyed by default, and the answer with it.
  for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > jsonLimit)
      throw new Problem('PAYLOAD_TOO_LARGE', `A JSON body may have ${jsonLimit} bytes at most.`)
    chunks.push(chunk)
  }
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch (error) {
    throw new Problem(
      'BAD_JSON',
      `The body is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return checked(schema, value)
}

/** `value` as the schema gives it. Throws UNPROCESSABLE with one entry for each wrong field. */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.map((issue) => ({
    field: issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'body'),
    detail: issue.message,
  }))
  const detail = errors.map((error) => `${error.field}: ${error.detail}`).join('; ')
  throw new Problem('UNPROCESSABLE', detail, { errors })
}
