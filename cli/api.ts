import { backoffSeconds } from '../lib/backoff.ts'
import type { EncodingOptions } from '../lib/jobs/job.ts'
import { Once } from '../lib/once.ts'
import { wait } from './wait.ts'
import type { JobView } from '../lib/jobs/view.ts'

/** How to sign in: with a token, or for one. */
export type Credentials = { token: string } | { email: string; password: string }

/** An answer that is a problem (RFC 9457), or no answer at all: then its status is 0. The message is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  /** When it may be worth another try, where the answer says that. */
  readonly retryAfterSeconds: number | undefined
  constructor(
    status: number,
    code: string,
    message: string,
    { retryAfterSeconds, ...options }: ErrorOptions & { retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message, options)
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Whether the same request may succeed a little later. */
export const isTemporary = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.code !== 'TOO_MANY_JOBS' &&
  ([0, 408, 429].includes(error.status) || (error.status >= 500 && error.status !== 507))

const mostTries = 5
const holdSeconds = 10
const answerMs = 60_000

interface Init extends Omit<RequestInit, 'headers'> {
  headers?: Record<string, string>
}

export type Api = ReturnType<typeof createApi>

/** A server's HTTP API. Every call rejects with an ApiError, or with the signal's reason. */
export function createApi(baseUrl: string, credentials: Credentials, signal: AbortSignal) {
  let token = 'token' in credentials ? credentials.token : undefined

  async function login({ email, password }: { email: string; password: string }): Promise<string> {
    // RFC 7617: user-id and password in UTF-8.
    const basic = Buffer.from(`${email}:${password}`).toString('base64')
    const response = await send('/auth/login', {
      method: 'POST',
      headers: { Authorization: `Basic ${basic}` },
    })
    const answer = await readJson<{ token: string }>(response)
    return answer.token
  }

  async function send(path: string, init: RequestInit): Promise<Response> {
    const limited = AbortSignal.any([signal, ...(init.signal ? [init.signal] : [])])
    try {
      const response = await fetch(baseUrl + path, { redirect: 'manual', ...init, signal: limited })
      if (response.ok) return response
      throw toApiError(response, await response.text())
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ApiError) throw error
      throw new ApiError(0, 'NO_ANSWER', `${baseUrl} does not answer: ${reasonOf(error)}.`, { cause: error })
    }
  }

  async function request(path: string, init: Init): Promise<Response> {
    for (;;) {
      token ??= 'token' in credentials ? credentials.token : await login(credentials)
      try {
        return await send(path, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } })
      } catch (error) {
        // With a password there is a new token to be had.
        const isRenewable =
          error instanceof ApiError && error.code === 'TOKEN_EXPIRED' && 'password' in credentials
        if (!isRenewable) throw error
        token = undefined
      }
    }
  }

  async function json<T>(path: string, init: Init = {}): Promise<T> {
    const response = await request(path, { ...init, signal: AbortSignal.timeout(answerMs) })
    return readJson<T>(response)
  }

  /** For requests that may be sent twice. */
  async function patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask()
      } catch (error) {
        if (!isTemporary(error) || tries === mostTries) throw error
        await wait(backoffSeconds(tries), signal)
      }
    }
  }

  /** As long as the account has as many jobs as it may have at once: they end, however long that takes. */
  async function whenThereIsAPlace<T>(ask: () => Promise<T>, onHeld: (why: string) => void): Promise<T> {
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'TOO_MANY_JOBS') throw error
        onHeld(error.message)
        await wait(error.retryAfterSeconds ?? holdSeconds, signal)
      }
    }
  }

  return {
    me: () => json<{ email: string }>('/auth/me'),

    /** `onHeld` is called each time that other jobs have to end first, with what the server says. */
    openUploadSession: (
      file: { filename: string; size: number; options: EncodingOptions },
      onHeld: (why: string) => void,
    ) => {
      // Where only the answer was lost, the session that there is is answered again.
      const once = new Once()
      const open = (key: string) =>
        json<{ job: JobView; uploadUrl: string }>('/upload/sessions', {
          method: 'POST',
          headers: { 'Content-Type': 'application/json', 'Idempotency-Key': `"${key}"` },
          body: JSON.stringify(file),
        })
      return whenThereIsAPlace(() => patiently(() => once.ask(open)), onHeld)
    },

    job: (id: string) => json<JobView>(`/status/${id}`),

    /** The stream of one job's events, open; `lastEventId` resumes it where another broke off. */
    openEvents: (id: string, lastEventId: string | undefined, connection: AbortSignal) =>
      request(`/status/${id}/events`, {
        signal: connection,
        headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
      }),

    /** A URL that gives the MP3, for a while. */
    downloadUrl: (id: string) => patiently(() => json<{ url: string }>(`/download/${id}?format=json`)),

    /** Also after the signal was aborted: it may be the last thing to do. */
    async deleteJob(id: string, withinSeconds: number): Promise<void> {
      await fetch(`${baseUrl}/status/${id}`, {
        method: 'DELETE',
        headers: { Authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(withinSeconds * 1000),
      })
    },
  }
}

async function readJson<T>(response: Response): Promise<T> {
  const body = await response.text()
  try {
    // What a Tapedeck answers is as its API says.
    return JSON.parse(body) as T
  } catch {
    const message = `${response.url} did not answer with JSON. Is that the address of a Tapedeck?`
    throw new ApiError(response.status, 'NOT_JSON', message)
  }
}

/** What a refused request says. Whatever stands between us and the API may answer with something else than a problem. */
function toApiError({ status, headers }: Response, body: string): ApiError {
  const { code, detail, title } = parseProblem(body)
  const message =
    detail ?? title ?? `The server answered with status ${status}. Is that the address of a Tapedeck?`
  const retryAfter = headers.get('Retry-After') ?? ''
  const retryAfterSeconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined
  return new ApiError(status, code ?? 'UNKNOWN', message, { retryAfterSeconds })
}

function parseProblem(body: string): { code?: string; title?: string; detail?: string } {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

/** fetch hides what happened in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (!(cause instanceof Error)) return error.message
  return cause.message || ('code' in cause ? String(cause.code) : error.message)
}
