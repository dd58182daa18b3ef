import type { Session, SessionState } from '../app/session.ts'
import { hearTime } from './clock.ts'
import { ApiError, noAnswer, unknownCode } from './errors.ts'

interface RequestOptions {
  method?: string
  headers?: Record<string, string>
  body?: string
  signal?: AbortSignal
}

/**
 * Requests for the session's account. Each rejects with an ApiError. One that says 401 ends the session; what was asked for waits
 * until its owner has signed in again.
 */
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

  /** Asks as whoever is signed in now, once. */
  async function ask(path: string, { headers, ...init }: RequestOptions = {}): Promise<Response> {
    const auth = authorization()
    const response = await fetchOrFail(apiUrl + path, { ...init, headers: { ...auth, ...headers } })
    hearTime(response.headers.get('Date'))
    if (response.ok) return response
    const text = await response.text().catch(() => '')
    throw endRefused(toApiError(response.status, text, response.headers.get('Retry-After')), auth)
  }

  async function request(path: string, init?: RequestOptions): Promise<Response> {
    for (;;) {
      const asking = session.state.get()
      try {
        return await ask(path, init)
      } catch (error) {
        const isRefused = error instanceof ApiError && error.status === 401
        if (!isRefused || !(await goesOn(session, asking, init?.signal))) throw error
      }
    }
  }

  const json = async <T>(path: string, init?: RequestOptions): Promise<T> => {
    const { owner } = session.state.get()
    const response = await request(path, init)
    // What the server answers is as its API says.
    const answer = (await response.json()) as T
    // Nobody is shown what somebody else has asked for.
    if (session.state.get().owner !== owner) throw toApiError(401, '')
    return answer
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

  return { authorization, endRefused, ask, request, json, sendJson }
}

/** Waits for another token of the account whose token was refused. False once that cannot come: somebody else has signed in. */
function goesOn({ state }: Session, refused: SessionState, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (): void => {
      const { token, owner } = state.get()
      const isOver = owner !== refused.owner || signal?.aborted === true
      if (!isOver && (token === undefined || token === refused.token)) return
      forget()
      signal?.removeEventListener('abort', settle)
      resolve(!isOver)
    }
    const forget = state.subscribe(settle)
    signal?.addEventListener('abort', settle)
    settle()
  })
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
