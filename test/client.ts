import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

/** A job as the API shows it, as far as tests look at it. */
export interface JobView {
  id: string
  owner: string
  filename: string
  size: number
  status: string
  progress: number
  error?: { code: string; message: string }
  warnings: { code: string; message: string }[]
  source: { gone: boolean }
  video?: { name: string; size: number } | { skipped: string }
  target?: {
    name: string
    size: number
    durationSeconds: number
    samples: number
    bitrate: number
    copied: boolean
    waveform?: string
  }
  media?: { container: string; audioCodec: string; sampleRate: number; channels: number }
  attempt: number
  timeline: { at: string; status: string; function: string; instance: string; attempt: number }[]
  times: { start: string; aviToMp4?: unknown; mp4ToMp3?: unknown; totalSeconds?: number; route: string }
}

export interface ProblemBody {
  status: number
  code: string
  title: string
  detail: string
  /** What is wrong with each field of a request. */
  errors?: { field: string }[]
}

export interface UploadParts {
  filename: string
  bytes: Uint8Array<ArrayBuffer>
  fields?: Record<string, string>
  contentType?: string
}

export interface SessionUpload extends Omit<UploadParts, 'fields'> {
  options?: { bitrate?: number; quality?: number }
}

/** A request with a JSON body. */
export const sending = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** What signs somebody in, as the `Authorization` of a login. */
export const basic = (email: string, password: string): string =>
  `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`

const finalStatuses = ['MP3_COMPLETED', 'FAILED']

/** A user of the HTTP API. */
export class Client {
  readonly apiUrl: string
  readonly token: string
  /** What the server has logged, where that can be known. */
  readonly #log: () => string
  constructor({ apiUrl, token, log = () => '' }: { apiUrl: string; token: string; log?: () => string }) {
    this.apiUrl = apiUrl
    this.token = token
    this.#log = log
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${this.token}`)
    return fetch(this.apiUrl + path, { redirect: 'manual', ...init, headers })
  }

  /** The JSON of an answer that must have this status. */
  async json<T>(path: string, init: RequestInit = {}, status = 200): Promise<T> {
    const response = await this.fetch(path, init)
    const text = await response.text()
    assert.equal(
      response.status,
      status,
      `${init.method ?? 'GET'} ${path} answered ${response.status}: ${text}${response.status < 500 ? '' : `\n${this.#log().slice(-4000)}`}`,
    )
    return JSON.parse(text) as T
  }

  /** The problem that an answer must be. */
  async problem(path: string, init: RequestInit = {}): Promise<ProblemBody> {
    const response = await this.fetch(path, init)
    assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/)
    const body = (await response.json()) as ProblemBody
    assert.equal(body.status, response.status)
    assert.doesNotMatch(JSON.stringify(body), /\.ts\b|node_modules|\n\s+at /, 'no stack trace')
    return body
  }

  form({ filename, bytes, fields = {}, contentType = 'video/mp4' }: UploadParts): FormData {
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', new Blob([bytes], { type: contentType }), filename)
    return form
  }

  upload(parts: UploadParts): Promise<JobView> {
    return this.json('/upload', { method: 'POST', body: this.form(parts) }, 202)
  }

  /** As the page does: small files in a form, larger ones by a session. */
  uploadEither({ options = {}, ...file }: SessionUpload): Promise<JobView> {
    if (file.bytes.length > 8 * 1024 * 1024) return this.uploadBySession({ ...file, options })
    const fields = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, String(value)]))
    return this.upload({ ...file, fields })
  }

  /** Opens a resumable session for a file of which nothing is sent yet. */
  openSession(file: Record<string, unknown>): Promise<{ job: JobView; uploadUrl: string }> {
    return this.json('/upload/sessions', sending('POST', file), 201)
  }

  /** By a resumable session, in one request to the bucket. */
  async uploadBySession({
    filename,
    bytes,
    contentType = 'video/mp4',
    options = {},
  }: SessionUpload): Promise<JobView> {
    const { job, uploadUrl } = await this.openSession({
      filename,
      size: bytes.length,
      contentType,
      options,
    })
    const response = await fetch(uploadUrl, { method: 'PUT', body: bytes })
    assert.equal(response.status, 200, await response.text())
    return job
  }

  job(id: string): Promise<JobView> {
    return this.json(`/status/${id}`)
  }

  /** The job once it is as wanted; by default, once it is over. Whoever waits sets a limit to it (the test's timeout). */
  async until(id: string, wanted: (job: JobView) => boolean = isOver): Promise<JobView> {
    for (;;) {
      const job = await this.job(id)
      if (wanted(job)) return job
      if (isOver(job)) assert.fail(`The job has ended otherwise: ${JSON.stringify(job, undefined, 2)}`)
      await delay(25)
    }
  }

  async completed(id: string): Promise<JobView> {
    return this.until(id, (job) => job.status === 'MP3_COMPLETED')
  }

  async failed(id: string): Promise<JobView> {
    return this.until(id, (job) => job.status === 'FAILED')
  }

  /** The MP3's bytes, by the signed URL. */
  async mp3(id: string): Promise<Buffer> {
    const { url } = await this.json<{ url: string }>(`/download/${id}?format=json`)
    const response = await fetch(url)
    assert.equal(response.status, 200)
    return Buffer.from(await response.arrayBuffer())
  }

  /** The path of a new stream of a job's MP4; its token is in it. */
  async openStream(id: string): Promise<string> {
    const { token } = await this.json<{ token: string }>(`/download/${id}/stream-token`, { method: 'POST' })
    return `/download/${id}/stream?token=${token}`
  }

  /** Every job, over all pages. */
  async list(query = ''): Promise<JobView[]> {
    const jobs: JobView[] = []
    let pageToken = ''
    do {
      const page = await this.json<{ jobs: JobView[]; nextPageToken?: string }>(
        `/status?limit=100&${query}&pageToken=${pageToken}`,
      )
      jobs.push(...page.jobs)
      pageToken = page.nextPageToken ?? ''
    } while (pageToken !== '')
    return jobs
  }
}

const isOver = (job: JobView): boolean => finalStatuses.includes(job.status)
