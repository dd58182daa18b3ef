import { v4 as uuid } from 'uuid'

/** What is known of a request without a good answer; the status is 0 where there was none at all. */
interface Failure {
  status: number
  code: string
}

const isFailure = (error: unknown): error is Failure =>
  error instanceof Error && 'status' in error && 'code' in error

/** A gateway may say so of a request that was served all the same. */
const isAnswered = (error: unknown): boolean => isFailure(error) && ![0, 502, 503, 504].includes(error.status)

/**
 * Something that is asked for until there is an answer, and must happen once: as long as nobody knows whether it has, it is asked
 * for by the same Idempotency-Key.
 */
export class Once {
  #key: string | undefined
  readonly #newKey: () => string

  /** `key`: by which it was asked for already, at an earlier time. */
  constructor(key?: string, newKey: () => string = uuid) {
    this.#key = key
    this.#newKey = newKey
  }

  async ask<T>(send: (key: string) => Promise<T>): Promise<T> {
    const isRepeated = this.#key !== undefined
    const key = (this.#key ??= this.#newKey())
    try {
      const answer = await send(key)
      this.#key = undefined
      return answer
    } catch (error) {
      if (isAnswered(error)) this.#key = undefined
      // What the first one began was broken off, and is gone: by this key nothing more can come.
      if (isRepeated && isFailure(error) && error.code === 'CONFLICT') return this.ask(send)
      throw error
    }
  }

  /** What is asked for next is something else. */
  forget(): void {
    this.#key = undefined
  }
}
