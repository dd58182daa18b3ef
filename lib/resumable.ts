/** Where a resumable upload stands. `failures` in a row, without a byte stored in between. */
export type Standing =
  /** To be asked, after backing off: how much is stored? */
  | { phase: 'asking'; stored: number; failures: number }
  /** The bytes from `stored` on are to be sent. */
  | { phase: 'sending'; stored: number; failures: number }
  /** The object is complete; `crc32c` is what the bucket makes of its bytes. */
  | { phase: 'done'; crc32c: string | undefined }
  /** There is no such session any more: a new one has to be opened. */
  | { phase: 'gone' }
  | { phase: 'refused'; message: string }

export type Underway = Extract<Standing, { phase: 'asking' | 'sending' }>

/** What the bucket answered; status 0: nothing. */
export interface SessionAnswer {
  status: number
  /** The Range header. */
  range: string | null
  body: string
}

/** A session that nothing has been sent to. */
export const newSession: Underway = { phase: 'sending', stored: 0, failures: 0 }
/** A session of which nobody knows how far it got: after a pause, or a reload. */
export const resumedSession: Underway = { phase: 'asking', stored: 0, failures: 0 }

const temporary = new Set([0, 408, 429, 500, 502, 503, 504])

/** Where the upload of `size` bytes stands after an answer (Cloud Storage's resumable uploads). */
export function afterAnswer(now: Underway, { status, range, body }: SessionAnswer, size: number): Standing {
  // "200 OK or 201 Created: the upload was completed, and no further action is necessary."
  if (status === 200 || status === 201) return { phase: 'done', crc32c: readChecksum(body) }
  if (status === 308) return afterIncomplete(now, range, size)
  // "404 Not Found, 410 Gone: the upload must be started over from the beginning."
  if (status === 404 || status === 410) return { phase: 'gone' }
  // After anything that may pass, the bucket knows better than we how much has come.
  if (temporary.has(status)) return { phase: 'asking', stored: now.stored, failures: now.failures + 1 }
  return { phase: 'refused', message: refusal(status, body) }
}

/** 308 Resume Incomplete. "If there is no Range header, no bytes have been persisted", whatever had been sent. */
function afterIncomplete(now: Underway, range: string | null, size: number): Standing {
  const match = range === null ? ['', '-1'] : /^bytes=0-(\d{1,15})$/.exec(range)
  const stored = Number(match?.[1] ?? Number.NaN) + 1
  if (!(stored <= size))
    return { phase: 'refused', message: `The bucket says that it stores "${range}" of ${size} bytes.` }
  const isProgress = stored > now.stored
  // All bytes but no object, or none of those just sent: ask again, later.
  if (stored === size || (now.phase === 'sending' && !isProgress)) {
    return { phase: 'asking', stored, failures: now.failures + 1 }
  }
  return { phase: 'sending', stored, failures: isProgress ? 0 : now.failures }
}

function readChecksum(body: string): string | undefined {
  const { crc32c } = parseObject(body)
  return typeof crc32c === 'string' ? crc32c : undefined
}

function refusal(status: number, body: string): string {
  const { error } = parseObject(body)
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined
  return typeof message === 'string' ? message : `The bucket refused the upload with status ${status}.`
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
