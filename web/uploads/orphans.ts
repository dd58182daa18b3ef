import type { Api } from '../api/api.ts'
import { PageError } from '../api/errors.ts'
import { reopen, type Picked } from './picked.ts'
import { isFileOf, recall, recallOne, type Remembered } from './remembered.ts'
import { hasMovedOn } from './send.ts'
import { claim } from './tabs.ts'
import { Task } from './task.ts'
import type { UploadList } from './upload-list.ts'
import type { Upload } from './upload.ts'

/** The uploads that were added before the page was left, or in a tab that is closed, and want their files again. */
export class Orphans {
  readonly #list: UploadList
  readonly #api: Api
  readonly #startNext: () => void
  /** Those that another tab has, maybe. */
  #awaited = new Set<string>()
  /** Until somebody signs out. */
  #visit = new AbortController()

  constructor(list: UploadList, api: Api, startNext: () => void) {
    this.#list = list
    this.#api = api
    this.#startNext = startNext
  }

  /** Takes up what the account added in this browser and did not end: what another tab has, as soon as that is closed. */
  async restore(owner: string): Promise<void> {
    const { signal } = this.#visit
    for (const { key } of await recall(owner)) void this.#restoreOne(key, signal)
  }

  leave(): void {
    this.#visit.abort()
    this.#visit = new AbortController()
    this.#awaited = new Set()
  }

  /** Goes on with the one that this is the file of, if there is one. */
  async adopt(picked: Picked): Promise<boolean> {
    const { size } = picked.file
    for (const { id, state, size: wanted } of this.#list.uploads) {
      if (state.phase !== 'orphaned' || wanted !== size) continue
      const remembered = this.#list.task(id)?.remembered
      if (remembered && (await isFileOf(remembered, picked.file)) && this.#takeUp(id, picked, true))
        return true
    }
    return false
  }

  /** Goes on with this one, if that is its file; without a file, the browser is asked for it. */
  async giveAgain(id: number, picked?: Picked): Promise<void> {
    const remembered = this.#list.task(id)?.remembered
    if (!remembered) return
    const given = picked ?? (remembered.handle && (await reopen(remembered.handle, true)))
    const isIts = given && (await isFileOf(remembered, given.file))
    if (given && isIts) return void this.#takeUp(id, given, true)
    if (this.#list.find(id)?.state.phase !== 'orphaned') return
    const error = new PageError(isIts === undefined ? 'FILE_UNREADABLE' : 'FILE_DIFFERENT')
    this.#list.enter(id, { phase: 'orphaned', isKept: false, ...(given && { error }) })
  }

  /** Makes it this tab's, unless it is already or is about to be. */
  async #restoreOne(key: string, leaving: AbortSignal): Promise<void> {
    const awaited = this.#awaited
    if (this.#list.has(key) || awaited.has(key)) return
    awaited.add(key)
    const orphan = await this.#listOne(key, leaving).finally(() => awaited.delete(key))
    if (!orphan) return
    const { id, remembered } = orphan
    const given = remembered.handle && (await reopen(remembered.handle, false))
    if (given && (await isFileOf(remembered, given.file))) this.#takeUp(id, given, false)
  }

  /** Lists it once no other tab has it, if there is still something to do. */
  async #listOne(
    key: string,
    leaving: AbortSignal,
  ): Promise<{ id: number; remembered: Remembered } | undefined> {
    const release = await claim(key, leaving)
    if (!release) return undefined
    const remembered = await recallOne(key)
    if (!remembered) {
      release()
      return undefined
    }
    const task = Task.recalled(remembered, release)
    const { jobId } = remembered
    const isOver = jobId !== undefined && (await hasMovedOn(this.#api, jobId))
    // First: whoever has signed in meanwhile is told that there is no such job.
    if (leaving.aborted) task.leave()
    else if (isOver) task.letGo()
    else return { id: this.#list.put(asOrphan(remembered), task), remembered }
    return undefined
  }

  /** Whether that was still to be done. What nobody has asked for stays paused where it was. */
  #takeUp(id: number, picked: Picked, isAskedFor: boolean): boolean {
    const task = this.#list.task(id)
    const upload = this.#list.find(id)
    if (!task || upload?.state.phase !== 'orphaned') return false
    task.take(picked)
    const pausedAt = task.remembered?.pausedAt
    if (isAskedFor || pausedAt === undefined) {
      task.note({ pausedAt: undefined })
      this.#list.enter(id, { phase: 'waiting', isWanted: isAskedFor && upload.jobId !== undefined })
    } else this.#list.enter(id, { phase: 'paused', sentBytes: pausedAt })
    this.#startNext()
    return true
  }
}

function asOrphan({ filename, size, options, jobId, handle }: Remembered): Omit<Upload, 'id'> {
  const state = { phase: 'orphaned', isKept: handle !== undefined } as const
  return { filename, size, options, state, ...(jobId !== undefined && { jobId }) }
}
