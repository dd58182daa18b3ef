import type { Api } from '../api/api.ts'
import { PageError } from '../api/errors.ts'
import { reopen, type Picked } from './picked.ts'
import { claim, fingerprintOf, isFileOf, recall, recallOne } from './remembered.ts'
import { hasMovedOn } from './send.ts'
import { Task } from './task.ts'
import type { UploadList } from './upload-list.ts'

/** The uploads that were begun before the page was left, or in a tab that is closed, and want their files again. */
export class Orphans {
  readonly #list: UploadList
  readonly #api: Api
  readonly #startNext: () => void
  /** Those that another tab has, maybe. */
  readonly #awaited = new Set<string>()
  /** Until somebody signs out. */
  #visit = new AbortController()

  constructor(list: UploadList, api: Api, startNext: () => void) {
    this.#list = list
    this.#api = api
    this.#startNext = startNext
  }

  /** Takes up what the account began in this browser and did not end: what another tab has, as soon as that is closed. */
  async restore(owner: string): Promise<void> {
    const { signal } = this.#visit
    for (const { jobId } of await recall(owner)) void this.#restoreOne(jobId, signal)
  }

  leave(): void {
    this.#visit.abort()
    this.#visit = new AbortController()
  }

  /** Goes on with the one that this is the file of, if there is one. */
  async adopt(picked: Picked): Promise<boolean> {
    const { size } = picked.file
    const candidates = this.#list.uploads.filter(
      (upload) => upload.state.phase === 'orphaned' && upload.size === size,
    )
    if (candidates.length === 0) return false
    const fingerprint = await fingerprintOf(picked.file).catch(() => undefined)
    const orphan = candidates.find(({ id }) => this.#list.task(id)?.remembered?.fingerprint === fingerprint)
    if (!orphan) return false
    this.#takeUp(orphan.id, picked)
    return true
  }

  /** Goes on with this one, if that is its file; without a file, the browser is asked for it. */
  async giveAgain(id: number, picked?: Picked): Promise<void> {
    const remembered = this.#list.task(id)?.remembered
    if (!remembered) return
    const given = picked ?? (remembered.handle && (await reopen(remembered.handle, true)))
    const fingerprint = given && (await fingerprintOf(given.file).catch(() => undefined))
    if (given && fingerprint === remembered.fingerprint) return this.#takeUp(id, given)
    if (this.#list.find(id)?.state.phase !== 'orphaned') return
    const error = new PageError(fingerprint === undefined ? 'FILE_UNREADABLE' : 'FILE_DIFFERENT')
    this.#list.enter(id, { phase: 'orphaned', isKept: false, ...(given && { error }) })
  }

  async #restoreOne(jobId: string, leaving: AbortSignal): Promise<void> {
    const release = await this.#claim(jobId, leaving)
    if (!release) return
    const remembered = await recallOne(jobId)
    if (!remembered) return release()
    const task = Task.recalled(remembered, release)
    const isOver = await hasMovedOn(this.#api, jobId)
    // First: whoever has signed in meanwhile is told that there is no such job.
    if (leaving.aborted) return task.leave()
    if (isOver) return task.letGo()
    const { filename, size, options, handle } = remembered
    const orphaned = { phase: 'orphaned', isKept: handle !== undefined } as const
    const id = this.#list.put({ filename, size, options, jobId, state: orphaned }, task)
    const given = handle && (await reopen(handle, false))
    if (given && (await isFileOf(remembered, given.file))) this.#takeUp(id, given)
  }

  /** Makes it this tab's, unless it is already or is about to be. */
  async #claim(jobId: string, leaving: AbortSignal): Promise<(() => void) | undefined> {
    const isOurs = this.#list.uploads.some((upload) => upload.jobId === jobId)
    if (isOurs || this.#awaited.has(jobId)) return undefined
    this.#awaited.add(jobId)
    const release = await claim(jobId, leaving)
    this.#awaited.delete(jobId)
    return release
  }

  #takeUp(id: number, picked: Picked): void {
    if (this.#list.find(id)?.state.phase !== 'orphaned') return
    this.#list.task(id)?.take(picked)
    this.#list.enter(id, { phase: 'waiting', isWanted: true })
    this.#startNext()
  }
}
