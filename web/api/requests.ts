import type { Session } from '../app/session.ts'
import { hearTime } from './clock.ts'
import { ApiError, noAnswer, unknownCode } from './errors.ts'

interface RequestOptions {
  method?: string
  headers?: Record<string, string>
  body?: string
  signal?: AbortSignal
}

/** Requests for the session's account. Each rejects with an ApiError; one that says 401 ends the session. */
export function createRequests(apiUrl: string, session: Session) {
  const authorization = (): Record<string, string> => {
    const { token } = session.state.get()
    return token === undefined ? {} : { Authorization: `Bearer ${token}` }
  }

  /** Ends the session that this refused request belonged to, unless another has begun since. */
  function endRefused(error: ApiError, sent: Record<string, string>): ApiError {
    if (error.status === 401 && sent['Authorization'] === authorization()['Authorization']) session.end(error)
    return error
  }

  async function request(path: string, { headers, ...init }: RequestOptions = {}): Promise<Response> {
    const auth = authorization()
    const response = await fetchOrFail(apiUrl + path, { ...init, headers: { ...auth, ...headers } })
    hearTime(response.headers.get('Date'))
    if (response.ok) return response
    const text = await response.text().catch(() => '')
    throw endRefused(toApiError(response.status, text, response.headers.get('Retry-After')), auth)
  }

  const json = async <T>(path: string, init?: RequestOptions): Promise<T> => {
    const response = await request(path, init)
    // What the server answers is as its API says.
    return (await response.json()) as T
  }

  const sendJson = <T>(
    method: 'PATCH' | 'POST' | 'PUT',
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> =>
    json(path, {
      method,
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  return { authorization, endRefused, request, json, sendJson }
}

export async function fetchOrFail(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw toApiError(0, '')
  }
}

/** What a refused request says. Whatever stands between us and the API may answer with something else than a problem. */
export function toApiError(status: number, text: string, retryAfter: string | null = null): ApiError {
  if (status === 0) return noAnswer()
  const { code, detail, title } = parseProblem(text)
  return new ApiError(
    status,
    code ?? unknownCode,
    detail ?? title ?? `The server answered with status ${status}.`,
    /^\d+$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined,
  )
}

function parseProblem(text: string): { code?: string; title?: string; detail?: string } {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
