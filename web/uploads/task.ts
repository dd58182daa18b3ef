import { Once } from '../../lib/once.ts'
import type { Picked } from './picked.ts'
import { claim, fingerprintOf, forget, remember, type Remembered } from './remembered.ts'
import type { OpenSession } from './send.ts'
import type { Upload } from './upload.ts'

type Release = () => void

/** What goes on behind an upload: its file, its session, and what the browser remembers of both. */
export class Task {
  /** Unknown after the page was left. */
  picked: Picked | undefined
  /** Until what it does, or did last, is over. */
  running = Promise.resolve()
  /** Of asking for its job. */
  readonly once = new Once()
  #remembered: Remembered | undefined
  #session: OpenSession | undefined
  /** Keeps other tabs away. */
  #claimed: Promise<Release | undefined> | undefined
  #aborter = new AbortController()

  constructor(picked?: Picked) {
    this.picked = picked
  }

  /** One that was begun before the page was left, and is this tab's until `release` is called. */
  static recalled(remembered: Remembered, release: Release): Task {
    const task = new Task()
    const { jobId, owner, uploadUrl } = remembered
    task.#session = { jobId, owner, uploadUrl }
    task.#remembered = remembered
    task.#claimed = Promise.resolve(release)
    return task
  }

  get session(): OpenSession | undefined {
    return this.#session
  }

  get remembered(): Remembered | undefined {
    return this.#remembered
  }

  /** Of what it does now. */
  get signal(): AbortSignal {
    return this.#aborter.signal
  }

  /** Stops what it does; its session stays as it is. */
  interrupt(): void {
    this.#aborter.abort()
    this.#aborter = new AbortController()
  }

  /** Takes this session for its own, and lets the browser remember it. */
  async begin(session: OpenSession, { filename, size, options }: Upload): Promise<void> {
    this.letGo()
    this.#session = session
    this.#claimed = claim(session.jobId)
    const { picked } = this
    const fingerprint = picked && (await fingerprintOf(picked.file).catch(() => undefined))
    await this.#claimed
    if (this.#session !== session || fingerprint === undefined) return
    this.#remembered = { ...session, filename, size, options, fingerprint, handle: picked?.handle }
    await remember(this.#remembered)
    // It may have ended meanwhile.
    if (this.#session !== session) await forget(session.jobId)
  }

  /** The file was given again; from now on by this handle, if it came with one. */
  take(picked: Picked): void {
    this.picked = picked
    if (!this.#remembered || !picked.handle) return
    this.#remembered = { ...this.#remembered, handle: picked.handle }
    void remember(this.#remembered)
  }

  /** Its session is over: the browser need not remember it any more. */
  letGo(): void {
    const session = this.#session
    const claimed = this.#claimed
    this.#session = this.#claimed = this.#remembered = undefined
    if (session) void endClaim(forget(session.jobId), claimed)
  }

  /** Leaves it to other tabs, and to later. */
  leave(): void {
    this.interrupt()
    void endClaim(undefined, this.#claimed)
  }
}

/** Not before it is forgotten: another tab would take it up. */
async function endClaim(
  forgetting: Promise<void> | undefined,
  claimed: Promise<Release | undefined> | undefined,
): Promise<void> {
  await forgetting
  const release = await claimed
  release?.()
}
