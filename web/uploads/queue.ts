import type { EncodingOptions } from '../../lib/jobs/job.ts'
import type { Api } from '../api/api.ts'
import type { Store } from '../store.ts'
import { objectionTo } from './check.ts'
import { Orphans } from './orphans.ts'
import type { Picked, Unreadable } from './picked.ts'
import { endSession } from './send.ts'
import { Sender, type Surroundings } from './sender.ts'
import { Task } from './task.ts'
import { UploadList } from './upload-list.ts'
import { isGoing, isLeft, type QueueState, type Upload } from './upload.ts'

interface QueueSurroundings extends Surroundings {
  /** How large the account's files may be, in bytes, where that is limited and known. */
  mostBytes: () => number | undefined
}

const refusedTwice = { phase: 'refused', objection: { kind: 'twice' } } as const

/** The queue of uploads. */
export class Uploads {
  readonly #list = new UploadList()
  readonly #api: Api
  readonly #mostBytes: () => number | undefined
  readonly #owner: () => string | undefined
  readonly #sender: Sender
  readonly #orphans: Orphans

  constructor(api: Api, { mostBytes, ...surroundings }: QueueSurroundings) {
    this.#api = api
    this.#mostBytes = mostBytes
    this.#owner = surroundings.owner
    this.#sender = new Sender(this.#list, api, surroundings)
    this.#orphans = new Orphans(this.#list, api, () => this.#sender.startNext())
  }

  get state(): Store<QueueState> {
    return this.#list.state
  }

  /** Takes files in. One that was begun before the page was left goes on where that broke off. */
  add(files: Iterable<Picked | Unreadable>, options: EncodingOptions): void {
    for (const chosen of files) {
      if ('objection' in chosen) {
        const state = { phase: 'refused', objection: chosen.objection } as const
        this.#list.put({ filename: chosen.name, size: 0, options, state }, new Task())
        continue
      }
      const { name: filename, size } = chosen.file
      const isThere = this.#isThere(chosen.file, options)
      const state = isThere ? refusedTwice : ({ phase: 'checking' } as const)
      const id = this.#list.put({ filename, size, options, state }, new Task(chosen))
      if (!isThere) void this.#check(id, chosen)
    }
  }

  pause(id: number): void {
    this.#pause(id)
    this.#sender.startNext()
  }

  resume(id: number): void {
    this.#goOn(id, 'paused')
  }

  pauseAll(): void {
    this.#list.setPaused(true)
    for (const { id, state } of this.#list.uploads) {
      // One that was resumed and has not had its turn yet is held as all others are.
      if (state.phase === 'waiting' && state.isWanted) this.#list.enter(id, { ...state, isWanted: false })
      this.#pause(id)
    }
  }

  resumeAll(): void {
    this.#list.setPaused(false)
    for (const { id } of this.#list.uploads) this.#goOn(id, 'paused')
  }

  tryAgain(id: number): void {
    this.#goOn(id, 'failed')
  }

  retryFailed(): void {
    for (const { id } of this.#list.uploads) this.#goOn(id, 'failed')
  }

  /** Ends what is not over; what waits for its file stays. */
  cancelAll(): void {
    this.cancelThose(isGoing)
  }

  /** Ends an upload, whatever it is doing, its job with it, and takes it off the list. */
  cancel(id: number): void {
    this.cancelThose((upload) => upload.id === id)
  }

  /** The same for all of which that is true. */
  cancelThose(isMeant: (upload: Upload) => boolean): void {
    for (const { id } of this.#list.uploads.filter(isMeant)) {
      const task = this.#list.remove(id)
      if (task?.session) void endSession(this.#api, task.session)
      task?.letGo()
    }
    this.#sender.startNext()
  }

  /** Takes an upload off the list: its job has moved on, or is gone. */
  dismiss(id: number): void {
    this.#list.remove(id)?.letGo()
    this.#sender.startNext()
  }

  setOptions(id: number, options: EncodingOptions): void {
    // What comes then is another upload than the one that may have got through.
    const task = this.#list.task(id)
    task?.once.forget()
    task?.note({ options, onceKey: undefined })
    this.#list.replace(id, (upload) => ({ ...upload, options }))
  }

  /** The file of an upload that was begun before the page was left; without one, the browser is asked for it. */
  giveAgain(id: number, picked?: Picked): Promise<void> {
    return this.#orphans.giveAgain(id, picked)
  }

  /** The same for all that waited for their turn, where the browser keeps their files. One after the other: it asks but once. */
  async giveAllAgain(): Promise<void> {
    for (const upload of this.#list.uploads)
      if (isLeft(upload) && upload.state.phase === 'orphaned' && upload.state.isKept)
        await this.giveAgain(upload.id)
  }

  /** Takes up what the account added in this browser and did not end. */
  restore(owner: string): Promise<void> {
    return this.#orphans.restore(owner)
  }

  /** Somebody has signed in. */
  wake(): void {
    for (const { id, state } of this.#list.uploads) if (state.phase === 'waiting') this.#keep(id)
    // What held them was that nobody was signed in.
    for (const { id, state: was } of this.#list.uploads)
      if (was.phase === 'waiting' && was.held?.status === 401) {
        const { held: _held, ...now } = was
        this.#list.enter(id, now)
      }
    this.#sender.startNext()
  }

  /** Somebody has signed out, and wants nothing to go on. */
  leave(): void {
    this.#orphans.leave()
    this.#sender.leave()
    this.#list.leave()
  }

  async #check(id: number, picked: Picked): Promise<void> {
    if (await this.#orphans.adopt(picked)) return void this.#list.remove(id)
    const objection = await objectionTo(picked.file, this.#mostBytes())
    if (this.#list.find(id)?.state.phase !== 'checking') return
    this.#list.enter(id, objection ? { phase: 'refused', objection } : { phase: 'waiting' })
    if (!objection) this.#keep(id)
    this.#sender.startNext()
  }

  /** Lets the browser remember it, once it is known whose it is. */
  #keep(id: number): void {
    const upload = this.#list.find(id)
    const owner = this.#owner()
    if (upload && owner !== undefined) this.#list.task(id)?.keep(owner, upload)
  }

  /** Whether the same file is on its way already, to become the same MP3. */
  #isThere({ name, size, lastModified }: File, options: EncodingOptions): boolean {
    return this.#list.uploads.some((upload) => {
      if (upload.filename !== name || upload.size !== size || !isGoing(upload)) return false
      const { bitrate, quality } = upload.options
      const file = this.#list.task(upload.id)?.picked?.file
      return file?.lastModified === lastModified && bitrate === options.bitrate && quality === options.quality
    })
  }

  #pause(id: number): void {
    const upload = this.#list.find(id)
    const task = this.#list.task(id)
    if (upload?.state.phase !== 'sending' || !task) return
    const { sentBytes } = upload.state
    // All of a form has left, and its job is there or about to be.
    if (!task.session && sentBytes > 0 && sentBytes === upload.size) return
    task.interrupt()
    const pausedAt = task.session ? sentBytes : 0
    task.note({ pausedAt })
    this.#list.enter(id, { phase: 'paused', sentBytes: pausedAt })
  }

  #goOn(id: number, phase: 'paused' | 'failed'): void {
    if (this.#list.find(id)?.state.phase === phase) {
      this.#list.enter(id, { phase: 'waiting', isWanted: true })
      this.#keep(id)
      this.#list.task(id)?.note({ pausedAt: undefined })
    }
    this.#sender.startNext()
  }
}
