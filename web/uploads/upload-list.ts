import { keep, kept } from '../kept.ts'
import { createStore } from '../store.ts'
import type { Task } from './task.ts'
import { isGoing, type QueueState, type Upload, type UploadState } from './upload.ts'

const pausedKey = 'tapedeck.paused'

/** The uploads in the order in which they came, as they are shown, with what goes on behind each. */
export class UploadList {
  readonly state = createStore<QueueState>({ uploads: [], isPaused: kept(pausedKey) !== undefined })
  readonly #tasks = new Map<number, Task>()
  #lastId = 0

  get uploads(): readonly Upload[] {
    return this.state.get().uploads
  }

  find(id: number): Upload | undefined {
    return this.uploads.find((upload) => upload.id === id)
  }

  task(id: number): Task | undefined {
    return this.#tasks.get(id)
  }

  /** Whether it has the upload that the browser remembers by this key. */
  has(key: string): boolean {
    return [...this.#tasks.values()].some(({ remembered }) => remembered?.key === key)
  }

  put(upload: Omit<Upload, 'id'>, task: Task): number {
    const id = (this.#lastId += 1)
    this.#tasks.set(id, task)
    this.#set({ uploads: [...this.uploads, { ...upload, id }] })
    return id
  }

  replace(id: number, change: (upload: Upload) => Upload): void {
    this.#set({ uploads: this.uploads.map((upload) => (upload.id === id ? change(upload) : upload)) })
  }

  enter(id: number, state: UploadState): void {
    this.replace(id, (upload) => ({ ...upload, state }))
  }

  /** Stops what goes on behind it, which is returned. */
  remove(id: number): Task | undefined {
    const task = this.#tasks.get(id)
    task?.interrupt()
    this.#tasks.delete(id)
    this.#set({ uploads: this.uploads.filter((upload) => upload.id !== id) })
    return task
  }

  setPaused(isPaused: boolean): void {
    this.#set({ isPaused })
  }

  /** Leaves all of them to other tabs, and to later. */
  leave(): void {
    for (const task of this.#tasks.values()) task.leave()
    this.#tasks.clear()
    // Whoever comes again finds them paused if they were.
    this.state.set({ ...this.state.get(), uploads: [] })
  }

  #set({ uploads = this.uploads, isPaused = this.state.get().isPaused }: Partial<QueueState>): void {
    // With the last of them their pause is over; before the first one, it is what somebody wants.
    const isThrough = this.uploads.some(isOnItsWay) && !uploads.some(isGoing)
    const willBePaused = isPaused && !isThrough
    if (willBePaused !== this.state.get().isPaused) keep(pausedKey, willBePaused ? 'yes' : undefined)
    this.state.set({ uploads, isPaused: willBePaused })
  }
}

/** What is being looked into may turn out to be nothing that was ever to be sent. */
const isOnItsWay = (upload: Upload): boolean => isGoing(upload) && upload.state.phase !== 'checking'
