import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '../problems.ts'
import { asProblem, send, sendProblem, type Answer } from './answer.ts'
import { allowCrossOrigin } from './cors.ts'
import { rawUrl } from './raw-request.ts'

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
  const patterns = routes.map((route) => ({ route, pattern: patternOf(route.path) }))

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<Answer | void> {
    if (allowCrossOrigin(req, res, allowedOrigins)) return
    const url = requestUrl(req, name)
    const matches = patterns.flatMap(({ route, pattern }) => {
      const match = pattern.exec(url.pathname)
      return match ? { route, params: match.groups ?? {} } : []
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

/** What matches a path such as `/:id/events`. (A URLPattern takes ten times as long.) */
function patternOf(path: string): RegExp {
  const parts = path
    .split('/')
    .map((part) => (part.startsWith(':') ? `(?<${part.slice(1)}>[^/]+)` : RegExp.escape(part)))
  return new RegExp(`^${parts.join('/')}$`)
}

function requestUrl(req: IncomingMessage, name: string): URL {
  const target = rawUrl(req)
  const url = URL.parse(target, 'http://function')
  if (!url) throw new Problem('BAD_REQUEST', 'The path is not a valid URL.')
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
