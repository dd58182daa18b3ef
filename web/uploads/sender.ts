import type { EncodingOptions } from '../../lib/jobs/job.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import type { Api } from '../api/api.ts'
import { ApiError } from '../api/errors.ts'
import { wait } from '../api/wait.ts'
import type { Picked } from './picked.ts'
import { ProgressTeller } from './progress.ts'
import type { UploadProgress } from './resumable.ts'
import { endSession, isPassing, sendByForm, sendBySession, type OpenSession } from './send.ts'
import type { Task } from './task.ts'
import type { UploadList } from './upload-list.ts'
import type { Upload } from './upload.ts'

export interface Surroundings {
  /** Hears what answers tell about jobs. */
  onJob: (job: JobView) => void
  /** The account for which files are sent, once it is known. */
  owner: () => string | undefined
}

/** Files up to this size go in one form; larger ones straight to the bucket. */
const formBytes = 8 * 1024 * 1024
const mostAtOnce = 2
const holdSeconds = 10

/** Sends the uploads whose turn it is, two at a time. */
export class Sender {
  readonly #list: UploadList
  readonly #api: Api
  readonly #surroundings: Surroundings
  /** While there is one, no upload is begun. */
  #hold: AbortController | undefined

  constructor(list: UploadList, api: Api, surroundings: Surroundings) {
    this.#list = list
    this.#api = api
    this.#surroundings = surroundings
  }

  startNext(): void {
    const { uploads, isPaused } = this.#list.state.get()
    const running = uploads.filter((upload) => upload.state.phase === 'sending').length
    const due = uploads.find(
      (upload) => upload.state.phase === 'waiting' && (!isPaused || upload.state.isWanted),
    )
    const task = due && this.#list.task(due.id)
    if (!task?.picked || !due || running >= mostAtOnce || this.#hold) return
    if (this.#surroundings.owner() === undefined) return
    const { picked, signal } = task
    this.#list.enter(due.id, { phase: 'sending', sentBytes: 0, isInterrupted: false })
    // What was interrupted may still be opening its session, which is then the one to go on with.
    task.running = task.running
      .then(() => this.#send(due, task, picked, signal))
      .finally(() => this.startNext())
    this.startNext()
  }

  /** Forgets what holds the others back. */
  leave(): void {
    this.#hold?.abort()
    this.#hold = undefined
  }

  async #send(
    { id, options, state }: Upload,
    task: Task,
    { file }: Picked,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return
    const telling = new ProgressTeller(file.size, (progress) => {
      if (!signal.aborted) this.#list.enter(id, progress)
    })
    const onProgress = (progress: UploadProgress): void => telling.hear(progress)
    const sending = { file, once: task.once, options, signal, onProgress }
    try {
      if (!task.session && file.size <= formBytes) {
        this.#surroundings.onJob(await sendByForm(this.#api, sending))
        this.#list.remove(id)?.letGo()
      } else {
        await sendBySession(this.#api, sending, task.session, (session) =>
          this.#keepSession(id, task, options, session),
        )
        task.letGo()
        this.#list.enter(id, { phase: 'sent' })
      }
    } catch (error) {
      if (!signal.aborted)
        this.#afterFailure(id, task, error, state.phase === 'waiting' && state.isWanted === true)
    } finally {
      telling.stop()
    }
  }

  /** `isWanted`: even while all others are paused. */
  #afterFailure(id: number, task: Task, error: unknown, isWanted: boolean): void {
    if (error instanceof ApiError && isPassing(error)) void this.#holdBack(id, error, isWanted)
    // Whoever signs in again finds it waiting.
    else if (error instanceof ApiError && error.status === 401)
      this.#list.enter(id, { phase: 'waiting', held: error, isWanted })
    else {
      if (!task.session) task.letGo()
      this.#list.enter(id, { phase: 'failed', error })
    }
  }

  /** Nothing is wrong with the file: it keeps its place in the queue, and is tried again when things may be better. */
  async #holdBack(id: number, held: ApiError, isWanted: boolean): Promise<void> {
    this.#list.enter(id, { phase: 'waiting', held, isWanted })
    if (this.#hold) return
    const { signal } = (this.#hold = new AbortController())
    await wait(held.retryAfterSeconds ?? holdSeconds, signal).catch(() => undefined)
    if (signal.aborted) return
    this.#hold = undefined
    this.startNext()
  }

  /** Without its job an upload is no longer the job's: what becomes of that does not touch it. */
  #keepSession(id: number, task: Task, options: EncodingOptions, session?: OpenSession): void {
    const upload = this.#list.find(id)
    // While it was being opened, the upload was cancelled, or paused and then changed.
    if (session && upload?.options !== options) return void endSession(this.#api, session)
    if (session && upload) void task.begin(session, upload)
    else task.loseSession()
    this.#list.replace(id, ({ jobId: _jobId, ...rest }) =>
      session ? { ...rest, jobId: session.jobId } : rest,
    )
  }
}
