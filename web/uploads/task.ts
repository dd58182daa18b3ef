import { v4 as uuid } from 'uuid'
import { Once } from '../../lib/once.ts'
import type { Picked } from './picked.ts'
import { fingerprintOf, forget, newKey, remember, sessionOf, type Remembered } from './remembered.ts'
import type { OpenSession } from './send.ts'
import { claim, tellTabs } from './tabs.ts'
import type { Upload } from './upload.ts'

type Release = () => void

/** What is noted of an upload on its way. */
type Note = Partial<Pick<Remembered, 'options' | 'handle' | 'pausedAt' | 'onceKey'>>

/** What goes on behind an upload: its file, its session, and what the browser remembers of both. */
export class Task {
  /** Unknown after the page was left. */
  picked: Picked | undefined
  /** Until what it does, or did last, is over. */
  running = Promise.resolve()
  /** Of asking for its job. */
  readonly once: Once
  #remembered: Remembered | undefined
  #session: OpenSession | undefined
  /** Keeps other tabs away. */
  #claimed: Promise<Release | undefined> | undefined
  #aborter = new AbortController()

  constructor(picked?: Picked, onceKey?: string) {
    this.picked = picked
    this.once = new Once(onceKey, () => {
      const key = uuid()
      this.note({ onceKey: key })
      return key
    })
  }

  /** One that was added before the page was left, and is this tab's until `release` is called. */
  static recalled(remembered: Remembered, release: Release): Task {
    const task = new Task(undefined, remembered.onceKey)
    task.#session = sessionOf(remembered)
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

  /** Lets the browser remember it, as this account's. */
  keep(owner: string, { filename, size, options }: Upload): void {
    if (this.#remembered) return
    const key = newKey()
    this.#claimed = claim(key)
    this.#remembered = { key, owner, filename, size, options, handle: this.picked?.handle }
    void this.#write()
  }

  /** Lets the browser remember this too. */
  note(change: Note): void {
    this.#change(change)
  }

  /** Takes this session for its own. */
  async begin(session: OpenSession, upload: Upload): Promise<void> {
    this.#session = session
    this.keep(session.owner, upload)
    const { jobId, uploadUrl } = session
    const fingerprint = this.picked && (await fingerprintOf(this.picked.file).catch(() => undefined))
    // Without, nobody could tell whether it is the same file that is given again.
    if (this.#session === session && fingerprint !== undefined)
      this.#change({ jobId, uploadUrl, fingerprint, onceKey: undefined })
  }

  /** Its session is over; what comes next begins anew. */
  loseSession(): void {
    this.#session = undefined
    this.#change({ jobId: undefined, uploadUrl: undefined, fingerprint: undefined })
  }

  /** The file was given again; from now on by this handle, if it came with one. */
  take(picked: Picked): void {
    this.picked = picked
    if (picked.handle) this.note({ handle: picked.handle })
  }

  /** It is over: the browser need not remember it any more. */
  letGo(): void {
    const remembered = this.#remembered
    const claimed = this.#claimed
    this.#session = this.#claimed = this.#remembered = undefined
    if (remembered) void endClaim(forget(remembered.key), claimed)
  }

  /** Leaves it to other tabs, and to later. */
  leave(): void {
    this.interrupt()
    this.#remembered = undefined
    void endClaim(undefined, this.#claimed)
  }

  #change(change: Partial<Remembered>): void {
    if (!this.#remembered) return
    this.#remembered = { ...this.#remembered, ...change }
    void this.#write()
  }

  /** What is known of it now. Not before it is this tab's: another one would take it up. */
  async #write(): Promise<void> {
    const key = this.#remembered?.key
    await this.#claimed
    // It may have ended meanwhile.
    if (!this.#remembered || this.#remembered.key !== key) return
    const { handle: _handle, ...rest } = this.#remembered
    // Some browsers have handles, and do not keep them.
    if (!(await remember(this.#remembered)) && this.#remembered?.key === key) await remember(rest)
    tellTabs()
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
