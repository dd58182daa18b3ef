import type { JobErrorCode } from '../../../lib/problems.ts'

/** The uploaded file is at fault: trying again cannot help. `message` is for the person who uploaded it. */
export class MediaError extends Error {
  override readonly name = 'MediaError'
  readonly code: JobErrorCode
  constructor(code: JobErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
