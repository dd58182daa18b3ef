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
import type { QueueState } from './upload.ts'

interface QueueSurroundings extends Surroundings {
  /** How large the account's files may be, in bytes, where that is limited and known. */
  mostBytes: () => number | undefined
}

/** The queue of uploads. */
export class Uploads {
  readonly #list = new UploadList()
  readonly #api: Api
  readonly #mostBytes: () => number | undefined
  readonly #sender: Sender
  readonly #orphans: Orphans

  constructor(api: Api, { mostBytes, ...surroundings }: QueueSurroundings) {
    this.#api = api
    this.#mostBytes = mostBytes
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
      const id = this.#list.put({ filename, size, options, state: { phase: 'checking' } }, new Task(chosen))
      void this.#check(id, chosen)
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
    for (const { id } of this.#list.uploads) this.#pause(id)
  }

  resumeAll(): void {
    this.#list.setPaused(false)
    for (const { id } of this.#list.uploads) this.#goOn(id, 'paused')
  }

  tryAgain(id: number): void {
    this.#goOn(id, 'failed')
  }

  /** Ends an upload, whatever it is doing, its job with it, and takes it off the list. */
  cancel(id: number): void {
    const task = this.#list.remove(id)
    if (task?.session) void endSession(this.#api, task.session)
    task?.letGo()
    this.#sender.startNext()
  }

  /** Takes an upload off the list: its job has moved on, or is gone. */
  dismiss(id: number): void {
    this.#list.remove(id)?.letGo()
    this.#sender.startNext()
  }

  setOptions(id: number, options: EncodingOptions): void {
    // What comes then is another upload than the one that may have got through.
    this.#list.task(id)?.once.forget()
    this.#list.replace(id, (upload) => ({ ...upload, options }))
  }

  /** The file of an upload that was begun before the page was left; without one, the browser is asked for it. */
  giveAgain(id: number, picked?: Picked): Promise<void> {
    return this.#orphans.giveAgain(id, picked)
  }

  /** Takes up what the account began in this browser and did not end. */
  restore(owner: string): Promise<void> {
    return this.#orphans.restore(owner)
  }

  /** Somebody has signed in. */
  wake(): void {
    // What held them was that nobody was signed in.
    for (const { id, state: was } of this.#list.uploads)
      if (was.phase === 'waiting' && was.held?.status === 401) this.#list.enter(id, { phase: 'waiting' })
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
    this.#sender.startNext()
  }

  #pause(id: number): void {
    const upload = this.#list.find(id)
    const task = this.#list.task(id)
    if (upload?.state.phase !== 'sending' || !task) return
    const { sentBytes } = upload.state
    // All of a form has left, and its job is there or about to be.
    if (!task.session && sentBytes > 0 && sentBytes === upload.size) return
    task.interrupt()
    this.#list.enter(id, { phase: 'paused', sentBytes: task.session ? sentBytes : 0 })
  }

  #goOn(id: number, phase: 'paused' | 'failed'): void {
    if (this.#list.find(id)?.state.phase === phase) this.#list.enter(id, { phase: 'waiting', isWanted: true })
    this.#sender.startNext()
  }
}
