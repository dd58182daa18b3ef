import type { Api } from '../api/api.ts'
import { PageError } from '../api/errors.ts'
import { reopen, type Picked } from './picked.ts'
import { claim, fingerprintOf, isFileOf, isRemembered, recall, type Remembered } from './remembered.ts'
import { hasMovedOn } from './send.ts'
import { Task } from './task.ts'
import type { UploadList } from './upload-list.ts'

/** The uploads that were begun before the page was left, and want their files again. */
export class Orphans {
  readonly #list: UploadList
  readonly #api: Api
  readonly #startNext: () => void
  /** Until somebody signs out. */
  #visit = new AbortController()

  constructor(list: UploadList, api: Api, startNext: () => void) {
    this.#list = list
    this.#api = api
    this.#startNext = startNext
  }

  /** Takes up what the account began in this browser and did not end. */
  async restore(owner: string): Promise<void> {
    const { signal } = this.#visit
    for (const remembered of await recall(owner))
      if (!signal.aborted) await this.#restoreOne(remembered, signal)
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

  /** One of them, unless another tab has it. */
  async #restoreOne(remembered: Remembered, leaving: AbortSignal): Promise<void> {
    const { jobId, filename, size, options, handle } = remembered
    if (this.#list.uploads.some((upload) => upload.jobId === jobId)) return
    const release = await claim(jobId)
    if (!release) return
    // It may have ended since the list was read.
    if (!(await isRemembered(jobId))) return release()
    const task = Task.recalled(remembered, release)
    if (await hasMovedOn(this.#api, jobId)) return task.letGo()
    if (leaving.aborted) return task.leave()
    const orphaned = { phase: 'orphaned', isKept: handle !== undefined } as const
    const id = this.#list.put({ filename, size, options, jobId, state: orphaned }, task)
    const given = handle && (await reopen(handle, false))
    if (given && (await isFileOf(remembered, given.file))) this.#takeUp(id, given)
  }

  #takeUp(id: number, picked: Picked): void {
    if (this.#list.find(id)?.state.phase !== 'orphaned') return
    this.#list.task(id)?.take(picked)
    this.#list.enter(id, { phase: 'waiting', isWanted: true })
    this.#startNext()
  }
}
