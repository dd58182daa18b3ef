import type { EncodingOptions } from '../../lib/jobs/job.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import type { DeliveryView } from '../../lib/notifications/delivery.ts'
import type { DeliveryReason } from '../../lib/notifications/reasons.ts'
import type { OwnLimits, OwnLimitsChange } from '../../lib/quota.ts'
import type { StorageClass } from '../../lib/storage-class.ts'
import type { Level } from '../../lib/tiers/levels.ts'
import type { Account } from '../app/account.ts'
import type { Query } from '../jobs/query.ts'
import type { Session } from '../app/session.ts'
import { createRequests, fetchOrFail, toApiError } from './requests.ts'
import type { Incoming, Outgoing } from './transport.ts'
import { send } from './xhr.ts'

export interface JobPage {
  jobs: JobView[]
  nextPageToken?: string
}

interface PageRequest {
  pageToken?: string | undefined
  limit?: number | undefined
  signal?: AbortSignal
}

export interface UploadSession {
  job: JobView
  uploadUrl: string
}

export interface SessionRequest {
  filename: string
  size: number
  contentType: string
  options: EncodingOptions
}

interface FormRequest {
  file: Blob
  filename: string
  options: EncodingOptions
  key: string
}

export interface Notifications {
  mail: { enabled: boolean; address: string } & Partial<DeliveryReason>
  /** A secret is told once, when its webhook is made. */
  webhooks: { id: string; url: string; secret?: string }[]
  deliveries: DeliveryView[]
}

interface NotificationsChange {
  mail?: { enabled: boolean }
  webhooks?: { url: string }[]
}

type NotificationTest = { via: 'mail' } | { via: 'webhook'; id: string }

export interface UserAccount {
  id: string
  email: string
  role: Account['role']
  disabled: boolean
  /** What was set for this account in place of the server's defaults. */
  quota?: OwnLimits
  createdAt: string
}

interface UserChange {
  disabled?: boolean
  quota?: OwnLimitsChange
}

/** Sizes are bytes, costs US$. */
export interface LevelReport {
  levels: { storageClass: StorageClass; objects: number; bytes: number; costPerMonth: number }[]
  moves: { count: number; fees: number; savesPerMonth: number; savedSoFar: number }
}

export type Api = ReturnType<typeof createApi>

const jobsPerPage = 50

/** The HTTP API. Every call rejects with an ApiError; one that is answered by 401 ends the session (see createRequests). */
export function createApi(apiUrl: string, session: Session) {
  const { authorization, endRefused, ask, request, json, sendJson } = createRequests(apiUrl, session)
  return {
    /** A token for this account. A 401 is the answer here, not the end of a session. */
    async login(email: string, password: string): Promise<{ token: string }> {
      const headers = { Authorization: `Basic ${base64(`${email}:${password}`)}` }
      const response = await fetchOrFail(`${apiUrl}/auth/login`, { method: 'POST', headers })
      if (!response.ok) throw toApiError(response.status, await response.text().catch(() => ''))
      return (await response.json()) as { token: string }
    },

    /** Another token for the session's. It waits for nobody: without a session there is nothing to renew. */
    async renewToken(signal: AbortSignal): Promise<string> {
      const response = await ask('/auth/token', { method: 'POST', signal })
      return ((await response.json()) as { token: string }).token
    },

    me: (signal?: AbortSignal): Promise<Account> => json('/auth/me', { ...(signal && { signal }) }),

    changePassword: (currentPassword: string, newPassword: string): Promise<{ token: string }> =>
      sendJson('PUT', '/auth/me/password', { currentPassword, newPassword }),

    notifications: (): Promise<Notifications> => json('/auth/me/notifications'),
    changeNotifications: (change: NotificationsChange): Promise<Notifications> =>
      sendJson('PUT', '/auth/me/notifications', change),
    testNotification: (test: NotificationTest): Promise<DeliveryView> =>
      sendJson('POST', '/auth/me/notifications/test', test),

    /** All accounts, by e-mail. */
    async users(): Promise<UserAccount[]> {
      const users: UserAccount[] = []
      let pageToken: string | undefined
      do {
        const query = new URLSearchParams({ limit: '100', ...(pageToken && { pageToken }) })
        const page = await json<{ users: UserAccount[]; nextPageToken?: string }>(`/auth/users?${query}`)
        users.push(...page.users)
        pageToken = page.nextPageToken
      } while (pageToken !== undefined)
      return users
    },
    createUser: (user: {
      email: string
      password: string
      role: UserAccount['role']
    }): Promise<UserAccount> => sendJson('POST', '/auth/users', user),
    updateUser: (id: string, change: UserChange): Promise<UserAccount> =>
      sendJson('PATCH', `/auth/users/${encodeURIComponent(id)}`, change),

    levels: async (): Promise<Level[]> => (await json<{ levels: Level[] }>('/levels')).levels,
    saveLevels: async (levels: Level[]): Promise<Level[]> =>
      (await sendJson<{ levels: Level[] }>('PUT', '/levels', { levels })).levels,
    levelReport: (): Promise<LevelReport> => json('/levels/report'),

    /** At most 100 at once. */
    listJobs: (
      { isEverybodys, status, filename }: Query,
      { pageToken, limit = jobsPerPage, signal }: PageRequest = {},
    ): Promise<JobPage> => {
      const asked = {
        limit: String(limit),
        ...(!isEverybodys && { owner: 'me' }),
        ...(status && { status }),
        ...(filename && { filename }),
        ...(pageToken && { pageToken }),
      }
      return json(`/status?${new URLSearchParams(asked)}`, { ...(signal && { signal }) })
    },

    job: (id: string): Promise<JobView> => json(jobPath(id)),

    /** What became of telling its owner that a job has ended, newest first. */
    deliveries: async (id: string): Promise<DeliveryView[]> =>
      (await json<{ deliveries: DeliveryView[] }>(`${jobPath(id)}/deliveries`)).deliveries,

    /** The stream of changes, open; `lastEventId` resumes it where another broke off. */
    openEvents: (
      { isEverybodys }: Query,
      lastEventId: string | undefined,
      signal: AbortSignal,
    ): Promise<Response> =>
      request(isEverybodys ? '/status/events' : '/status/events?owner=me', {
        signal,
        headers: lastEventId === undefined ? {} : { 'Last-Event-ID': lastEventId },
      }),

    deleteJob: async (id: string): Promise<void> => void (await request(jobPath(id), { method: 'DELETE' })),

    retryJob: (id: string): Promise<JobView> => json(`${jobPath(id)}/retry`, { method: 'POST' }),

    /** A URL that gives the MP3 as an attachment, for a while. */
    downloadUrl: (id: string): Promise<{ url: string; expiresAt: string }> =>
      json(`/download/${encodeURIComponent(id)}?format=json`),

    /** The same for the MP4. */
    videoUrl: (id: string): Promise<{ url: string; expiresAt: string }> =>
      json(`/download/${encodeURIComponent(id)}/video?format=json`),

    /** A URL to play the MP4 from, for some minutes. */
    async streamUrl(id: string): Promise<string> {
      const path = `/download/${encodeURIComponent(id)}`
      const { token } = await json<{ token: string }>(`${path}/stream-token`, { method: 'POST' })
      return `${apiUrl}${path}/stream?token=${encodeURIComponent(token)}`
    },

    /** `key`: with the same one, it is the same session. */
    openUploadSession: (body: SessionRequest, key: string): Promise<UploadSession> =>
      sendJson('POST', '/upload/sessions', body, keyed(key)),

    /** Uploads a whole file in one form. `key`: with the same one, it is the same job. */
    async uploadForm(
      { file, filename, options, key }: FormRequest,
      watched: Pick<Outgoing, 'signal' | 'onProgress'>,
    ): Promise<JobView> {
      const body = new FormData()
      // The server wants fields before the file.
      for (const [name, value] of Object.entries(options)) body.append(name, String(value))
      body.append('file', file, filename)
      const auth = authorization()
      const answer: Incoming = await send({
        method: 'POST',
        url: `${apiUrl}/upload`,
        headers: { ...auth, ...keyed(key) },
        body,
        ...watched,
      })
      if (answer.status !== 202)
        throw endRefused(toApiError(answer.status, answer.text, answer.header('Retry-After')), auth)
      return JSON.parse(answer.text) as JobView
    },
  }
}

const keyed = (key: string): Record<string, string> => ({ 'Idempotency-Key': `"${key}"` })

const jobPath = (id: string): string => `/status/${encodeURIComponent(id)}`

/** RFC 7617: user-id and password in UTF-8. */
const base64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''))
