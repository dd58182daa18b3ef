/** Every code that an HTTP answer can carry, with its status and its title (RFC 9457). Stable: clients match on them. */
export const problemCodes = {
  BAD_REQUEST: [400, 'The request is malformed'],
  BAD_JSON: [400, 'The body is not valid JSON'],
  BAD_MULTIPART: [400, 'The form is malformed'],
  NO_FILE: [400, 'The form has no file'],
  TOO_MANY_FILES: [400, 'The form has more than one file'],
  EMPTY_FILE: [400, 'The file is empty'],
  FIELD_AFTER_FILE: [400, 'A field comes after the file'],
  TOKEN_MISSING: [401, 'A token is needed'],
  TOKEN_INVALID: [401, 'The token is not valid'],
  TOKEN_EXPIRED: [401, 'The token has expired'],
  BAD_CREDENTIALS: [401, 'E-mail or password is wrong'],
  FORBIDDEN: [403, 'Not allowed'],
  WRONG_PASSWORD: [403, 'The current password is wrong'],
  STORAGE_QUOTA_EXCEEDED: [403, 'There is no room left for this account'],
  NOT_FOUND: [404, 'Not found'],
  METHOD_NOT_ALLOWED: [405, 'This method is not allowed here'],
  REQUEST_TIMEOUT: [408, 'The request has not come in time'],
  CONFLICT: [409, 'The job is not in a state for that'],
  NOT_COMPLETED: [409, 'The file is not ready'],
  SOURCE_GONE: [409, 'The source video is gone'],
  MOVE_UNDER_WAY: [409, 'The object is still being moved'],
  EMAIL_TAKEN: [409, 'There is an account with this e-mail'],
  OWN_ACCOUNT: [409, 'Not possible with your own account'],
  PAYLOAD_TOO_LARGE: [413, 'The request is too large'],
  FILE_TOO_LARGE: [413, 'The file is too large for this account'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'This content type is not accepted'],
  RANGE_NOT_SATISFIABLE: [416, 'The file has no such range'],
  UNPROCESSABLE: [422, 'A value is not valid'],
  TOO_MANY_REQUESTS: [429, 'Too many requests'],
  TOO_MANY_JOBS: [429, 'This account has too many jobs at once'],
  HEADERS_TOO_LARGE: [431, 'The head of the request is too large'],
  INTERNAL: [500, 'Something went wrong here'],
  UNAVAILABLE: [503, 'Not available at the moment'],
  INSUFFICIENT_STORAGE: [507, 'The storage is full'],
} as const satisfies Record<string, readonly [number, string]>

export type ProblemCode = keyof typeof problemCodes

/** Every reason for which a job can be FAILED. Stable: clients match on them. */
export const jobErrorCodes = [
  'NOT_MEDIA',
  'NO_AUDIO',
  'UNSUPPORTED_AUDIO',
  'TRUNCATED',
  'CORRUPT',
  'TOO_LONG',
  'GAVE_UP',
  'UPLOAD_ABANDONED',
  'SOURCE_GONE',
] as const
export type JobErrorCode = (typeof jobErrorCodes)[number]

/** What can be wrong with a source whose MP3 was made all the same. */
export const jobWarningCodes = ['DAMAGED', 'TRUNCATED'] as const
export type JobWarningCode = (typeof jobWarningCodes)[number]

export interface ProblemExtras {
  headers?: Record<string, string>
  /** One entry for each wrong value, where it can be said. */
  errors?: { field: string; detail: string }[]
}

/** Thrown anywhere in an HTTP function to answer with this problem. `detail` is for people: what, which value, what to do. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly extras: ProblemExtras
  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail)
    this.code = code
    this.extras = extras
  }
  get status(): number {
    return problemCodes[this.code][0]
  }
  /** The body of an application/problem+json answer (RFC 9457). */
  toJSON(): Record<string, unknown> {
    const [status, title] = problemCodes[this.code]
    const { errors } = this.extras
    return {
      type: 'about:blank',
      title,
      status,
      code: this.code,
      detail: this.message,
      ...(errors && { errors }),
    }
  }
}
