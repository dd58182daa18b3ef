import type { EncodingOptions } from '../../lib/jobs/job.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import type { Api } from '../api/api.ts'
import { ApiError, PageError } from '../api/errors.ts'
import { wait } from '../api/wait.ts'
import { createStore, type Store } from '../store.ts'
import { objectionTo } from './check.ts'
import { Meter } from './meter.ts'
import { reopen, type Picked } from './picked.ts'
import { claim, fingerprintOf, isFileOf, isRemembered, recall, type Remembered } from './remembered.ts'
import type { UploadProgress } from './resumable.ts'
import { endSession, hasMovedOn, isPassing, sendByForm, sendBySession, type OpenSession } from './send.ts'
import { Task } from './task.ts'
import { isGoing, type QueueState, type Upload, type UploadState } from './upload.ts'

export interface Uploads {
  state: Store<QueueState>
  /** Takes files in. One that was begun before the page was left goes on where that broke off. */
  add(picked: Iterable<Picked>, options: EncodingOptions): void
  pause(id: number): void
  resume(id: number): void
  pauseAll(): void
  resumeAll(): void
  /** Ends an upload, whatever it is doing, its job with it, and takes it off the list. */
  cancel(id: number): void
  /** Takes an upload off the list: its job has moved on, or is gone. */
  dismiss(id: number): void
  tryAgain(id: number): void
  setOptions(id: number, options: EncodingOptions): void
  /** The file of an upload that was begun before the page was left; without one, the browser is asked for it. */
  giveAgain(id: number, picked?: Picked): Promise<void>
  /** Takes up what the account began in this browser and did not end. */
  restore(owner: string): Promise<void>
  /** Somebody has signed in. */
  wake(): void
  /** Somebody has signed out, and wants nothing to go on. */
  leave(): void
}

interface Surroundings {
  /** Hears what answers tell about jobs. */
  onJob: (job: JobView) => void
  /** Whether it is known for whom files are sent. */
  isSignedIn: () => boolean
  /** How large the account's files may be, in bytes, where that is limited and known. */
  mostBytes: () => number | undefined
}

/** Files up to this size go in one form; larger ones straight to the bucket. */
const formBytes = 8 * 1024 * 1024
const mostAtOnce = 2
const holdSeconds = 10

/** The queue of uploads, two at a time. */
export function createUploads(api: Api, { onJob, isSignedIn, mostBytes }: Surroundings): Uploads {
  const state = createStore<QueueState>({ uploads: [], isPaused: false })
  const tasks = new Map<number, Task>()
  let lastId = 0
  /** While there is one, no upload is begun. */
  let hold: AbortController | undefined
  /** Until somebody signs out. */
  let visit = new AbortController()

  function set({
    uploads = state.get().uploads,
    isPaused = state.get().isPaused,
  }: Partial<QueueState>): void {
    // A pause of nothing would surprise whoever adds the next file.
    state.set({ uploads, isPaused: isPaused && uploads.some(isGoing) })
  }
  const find = (id: number): Upload | undefined => state.get().uploads.find((upload) => upload.id === id)
  const replace = (id: number, change: (upload: Upload) => Upload): void =>
    set({ uploads: state.get().uploads.map((upload) => (upload.id === id ? change(upload) : upload)) })
  const enter = (id: number, next: UploadState): void => replace(id, (upload) => ({ ...upload, state: next }))
  const all = (act: (id: number) => void): void => state.get().uploads.forEach(({ id }) => act(id))

  function put(upload: Omit<Upload, 'id'>, task: Task): number {
    lastId += 1
    tasks.set(lastId, task)
    set({ uploads: [...state.get().uploads, { ...upload, id: lastId }] })
    return lastId
  }

  function remove(id: number): Task | undefined {
    const task = tasks.get(id)
    task?.interrupt()
    tasks.delete(id)
    set({ uploads: state.get().uploads.filter((upload) => upload.id !== id) })
    return task
  }

  async function check(id: number, picked: Picked): Promise<void> {
    const orphan = await orphanOf(picked.file)
    if (orphan !== undefined) {
      remove(id)
      return takeUp(orphan, picked)
    }
    const objection = await objectionTo(picked.file, mostBytes())
    if (find(id)?.state.phase !== 'checking') return
    enter(id, objection ? { phase: 'refused', objection } : { phase: 'waiting' })
    startNext()
  }

  /** The upload without a file that this is the file of. */
  async function orphanOf(file: File): Promise<number | undefined> {
    const candidates = state
      .get()
      .uploads.filter(({ state: { phase }, size }) => phase === 'orphaned' && size === file.size)
    if (candidates.length === 0) return undefined
    const fingerprint = await fingerprintOf(file).catch(() => undefined)
    return candidates.find(({ id }) => tasks.get(id)?.remembered?.fingerprint === fingerprint)?.id
  }

  function takeUp(id: number, picked: Picked): void {
    if (find(id)?.state.phase !== 'orphaned') return
    tasks.get(id)?.take(picked)
    enter(id, { phase: 'waiting', isWanted: true })
    startNext()
  }

  function startNext(): void {
    const { uploads, isPaused } = state.get()
    const running = uploads.filter((upload) => upload.state.phase === 'sending').length
    const due = uploads.find(
      (upload) => upload.state.phase === 'waiting' && (!isPaused || upload.state.isWanted),
    )
    const task = due && tasks.get(due.id)
    if (!task?.picked || !due || running >= mostAtOnce || hold || !isSignedIn()) return
    const { picked, signal } = task
    enter(due.id, { phase: 'sending', sentBytes: 0, isInterrupted: false })
    // What was interrupted may still be opening its session, which is then the one to go on with.
    task.running = task.running.then(() => run(due, task, picked, signal)).finally(startNext)
    startNext()
  }

  async function run(
    { id, options }: Upload,
    task: Task,
    { file }: Picked,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return
    const meter = new Meter(file.size)
    const onProgress = (progress: UploadProgress): void => {
      if (signal.aborted) return
      const pace = meter.read(progress.sentBytes, performance.now() / 1000)
      enter(id, { phase: 'sending', ...progress, pace: progress.isInterrupted ? undefined : pace })
    }
    const sending = { file, once: task.once, options, signal, onProgress }
    try {
      if (!task.session && file.size <= formBytes) {
        onJob(await sendByForm(api, sending))
        remove(id)
      } else {
        await sendBySession(api, sending, task.session, (session) => keepSession(id, task, options, session))
        task.letGo()
        enter(id, { phase: 'sent' })
      }
    } catch (error) {
      if (!signal.aborted) afterFailure(id, error)
    }
  }

  function afterFailure(id: number, error: unknown): void {
    if (error instanceof ApiError && isPassing(error)) void holdBack(id, error)
    // Whoever signs in again finds it waiting.
    else if (error instanceof ApiError && error.status === 401) enter(id, { phase: 'waiting', held: error })
    else enter(id, { phase: 'failed', error })
  }

  /** Nothing is wrong with the file: it keeps its place in the queue, and is tried again when things may be better. */
  async function holdBack(id: number, held: ApiError): Promise<void> {
    enter(id, { phase: 'waiting', held })
    if (hold) return
    const { signal } = (hold = new AbortController())
    await wait(held.retryAfterSeconds ?? holdSeconds, signal).catch(() => undefined)
    if (signal.aborted) return
    hold = undefined
    startNext()
  }

  /** Without its job an upload is no longer the job's: what becomes of that does not touch it. */
  function keepSession(id: number, task: Task, options: EncodingOptions, session?: OpenSession): void {
    const upload = find(id)
    // While it was being opened, the upload was cancelled, or paused and then changed.
    if (session && upload?.options !== options) return void endSession(api, session)
    if (session && upload) void task.begin(session, upload)
    else task.letGo()
    replace(id, ({ jobId: _jobId, ...rest }) => (session ? { ...rest, jobId: session.jobId } : rest))
  }

  function pause(id: number): void {
    const upload = find(id)
    const task = tasks.get(id)
    if (upload?.state.phase !== 'sending' || !task) return
    const { sentBytes } = upload.state
    // All of a form has left, and its job is there or about to be.
    if (!task.session && sentBytes > 0 && sentBytes === upload.size) return
    task.interrupt()
    enter(id, { phase: 'paused', sentBytes: task.session ? sentBytes : 0 })
  }

  function goOn(id: number, phase: 'paused' | 'failed'): void {
    if (find(id)?.state.phase === phase) enter(id, { phase: 'waiting', isWanted: true })
    startNext()
  }

  /** One that was begun before the page was left, unless another tab has it. */
  async function restoreOne(remembered: Remembered, leaving: AbortSignal): Promise<void> {
    const { jobId, filename, size, options, handle } = remembered
    if (state.get().uploads.some((upload) => upload.jobId === jobId)) return
    const release = await claim(jobId)
    if (!release) return
    // It may have ended since the list was read.
    if (!(await isRemembered(jobId))) return release()
    const task = Task.recalled(remembered, release)
    if (await hasMovedOn(api, jobId)) return task.letGo()
    if (leaving.aborted) return task.leave()
    const orphaned = { phase: 'orphaned', isKept: handle !== undefined } as const
    const id = put({ filename, size, options, jobId, state: orphaned }, task)
    const given = handle && (await reopen(handle, false))
    if (given && (await isFileOf(remembered, given.file))) takeUp(id, given)
  }

  return {
    state,
    add(files, options) {
      for (const picked of files) {
        const { name: filename, size } = picked.file
        const id = put({ filename, size, options, state: { phase: 'checking' } }, new Task(picked))
        void check(id, picked)
      }
    },
    pause(id) {
      pause(id)
      startNext()
    },
    resume: (id) => goOn(id, 'paused'),
    pauseAll() {
      set({ isPaused: true })
      all(pause)
    },
    resumeAll() {
      set({ isPaused: false })
      all((id) => goOn(id, 'paused'))
    },
    cancel(id) {
      const task = remove(id)
      if (task?.session) void endSession(api, task.session)
      task?.letGo()
      startNext()
    },
    dismiss(id) {
      remove(id)?.letGo()
      startNext()
    },
    tryAgain: (id) => goOn(id, 'failed'),
    setOptions(id, options) {
      // What comes then is another upload than the one that may have got through.
      tasks.get(id)?.once.forget()
      replace(id, (upload) => ({ ...upload, options }))
    },
    async giveAgain(id, picked) {
      const remembered = tasks.get(id)?.remembered
      if (!remembered) return
      const given = picked ?? (remembered.handle && (await reopen(remembered.handle, true)))
      if (given && (await isFileOf(remembered, given.file))) return takeUp(id, given)
      if (find(id)?.state.phase !== 'orphaned') return
      enter(id, {
        phase: 'orphaned',
        isKept: false,
        ...(given && { error: new PageError('FILE_DIFFERENT') }),
      })
    },
    async restore(owner) {
      const { signal } = visit
      for (const remembered of await recall(owner)) if (!signal.aborted) await restoreOne(remembered, signal)
    },
    wake() {
      // What held them was that nobody was signed in.
      for (const { id, state: was } of state.get().uploads)
        if (was.phase === 'waiting' && was.held?.status === 401) enter(id, { phase: 'waiting' })
      startNext()
    },
    leave() {
      visit.abort()
      visit = new AbortController()
      for (const task of tasks.values()) task.leave()
      tasks.clear()
      hold?.abort()
      hold = undefined
      set({ uploads: [], isPaused: false })
    },
  }
}
