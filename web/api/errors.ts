/** An answer that is a problem (RFC 9457), or no answer at all: then its status is 0. The message is for people. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: string
  /** When it may be worth another try, where the answer says that. */
  readonly retryAfterSeconds: number | undefined
  constructor(status: number, code: string, message: string, retryAfterSeconds?: number) {
    super(message)
    this.status = status
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Whether what was asked for is not there: somebody has deleted it. */
export const isGone = (error: unknown): boolean => error instanceof ApiError && error.status === 404

/** Of a refusal that has none. */
export const unknownCode = 'UNKNOWN'

const mishaps = {
  NO_ANSWER: 'The server cannot be reached. Check your connection.',
  FILE_UNREADABLE:
    'The file cannot be read any more: it was moved, changed or deleted, or its disk is gone. Put it back and try again, or remove it here and choose it anew.',
  FILE_DIFFERENT: 'This is another file than the one whose upload was begun.',
  FILE_DAMAGED: 'The file was damaged on its way: what arrived is not what was sent. Try again.',
  NOT_DOWNLOADED: 'The download did not begin: the file is not there, or cannot be reached. Try again.',
  NOT_BEGUN: 'The browser has not let it begin. Press Play once more.',
  CANNOT_PLAY_MP3: 'This browser cannot play the MP3. It can be downloaded.',
  CANNOT_PLAY_MP4: 'This browser cannot play the pictures. The MP4 can be downloaded.',
  NO_SETTINGS: 'Its settings (config.json) cannot be read.',
  SESSIONS_LOST: 'The bucket lost the upload again and again.',
}
export type MishapCode = keyof typeof mishaps

/** For a request that nothing came back of. */
export const noAnswer = (): ApiError => new ApiError(0, 'NO_ANSWER', mishaps.NO_ANSWER)

/** Something that went wrong on this side. */
export class PageError extends Error {
  override readonly name = 'PageError'
  readonly code: MishapCode
  constructor(code: MishapCode, options?: ErrorOptions) {
    super(mishaps[code], options)
    this.code = code
  }
}
