import { newSession } from '../../lib/resumable.ts'
import type { Api } from '../api/api.ts'
import { ApiError, PageError } from '../api/errors.ts'
import type { EncodingOptions } from '../../lib/jobs/job.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import { SessionGoneError, uploadResumably, type UploadProgress } from './resumable.ts'
import { createStore, type Store } from '../store.ts'
import { wait } from '../api/wait.ts'
import { send } from '../api/xhr.ts'

/** A file on its way, as it is shown. */
export interface Upload {
  id: number
  filename: string
  /** Bytes. */
  size: number
  state: UploadState
  /** Its job, once there is one. */
  jobId?: string
}

export type UploadState =
  /** For its turn; `held`: since the account has as many jobs as it may have at once says the server. */
  | { phase: 'waiting'; held?: ApiError }
  | ({ phase: 'sending' } & UploadProgress)
  /** All bytes are there; its job will say so soon. */
  | { phase: 'sent' }
  | { phase: 'failed'; error: unknown }

export interface Uploads {
  state: Store<readonly Upload[]>
  add(files: Iterable<File>, options: EncodingOptions): void
  /** Ends an upload, whatever it is doing, and takes it off the list. */
  cancel(id: number): void
  cancelAll(): void
  tryAgain(id: number): void
}

interface Task {
  file: File
  options: EncodingOptions
  aborter: AbortController
}

/** Files up to this size go in one form; larger ones straight to the bucket. */
const formBytes = 8 * 1024 * 1024
const mostAtOnce = 2
const holdSeconds = 10
const mostSessions = 3

/** The queue of uploads, two at a time. `onJob` gets what answers tell about jobs. */
export function createUploads(api: Api, onJob: (job: JobView) => void): Uploads {
  const state = createStore<readonly Upload[]>([])
  const tasks = new Map<number, Task>()
  let lastId = 0
  /** Until it rings, no upload is begun. */
  let hold: ReturnType<typeof setTimeout> | undefined

  const replace = (id: number, change: (upload: Upload) => Upload): void =>
    state.set(state.get().map((upload) => (upload.id === id ? change(upload) : upload)))
  const patch = (id: number, change: Partial<Upload>): void =>
    replace(id, (upload) => ({ ...upload, ...change }))

  function remove(id: number): void {
    tasks.delete(id)
    state.set(state.get().filter((upload) => upload.id !== id))
  }

  function startNext(): void {
    const uploads = state.get()
    const running = uploads.filter((upload) => upload.state.phase === 'sending').length
    const next = uploads.find((upload) => upload.state.phase === 'waiting')
    const task = next && tasks.get(next.id)
    if (!task || running >= mostAtOnce || hold !== undefined) return
    patch(next.id, { state: { phase: 'sending', sentBytes: 0, isInterrupted: false } })
    void run(next.id, task).finally(startNext)
    startNext()
  }

  async function run(id: number, task: Task): Promise<void> {
    const { aborter } = task
    const onProgress = (progress: UploadProgress): void => {
      if (!aborter.signal.aborted) patch(id, { state: { phase: 'sending', ...progress } })
    }
    // Without its job an upload is no longer the job's: what becomes of that does not touch it.
    const setJob = (jobId?: string): void =>
      replace(id, ({ jobId: _jobId, ...upload }) => (jobId === undefined ? upload : { ...upload, jobId }))
    try {
      if (task.file.size > formBytes) {
        await sendBySession(api, task, onProgress, setJob)
        patch(id, { state: { phase: 'sent' } })
      } else {
        onJob(await sendByForm(api, task, onProgress))
        remove(id)
      }
    } catch (error) {
      if (error instanceof ApiError && error.code === 'TOO_MANY_JOBS') holdBack(id, error)
      else patch(id, { state: { phase: 'failed', error } })
    }
  }

  /** Nothing is wrong with the file: it keeps its place in the queue, and is tried again when jobs may have ended. */
  function holdBack(id: number, held: ApiError): void {
    patch(id, { state: { phase: 'waiting', held } })
    hold ??= setTimeout(
      () => {
        hold = undefined
        startNext()
      },
      (held.retryAfterSeconds ?? holdSeconds) * 1000,
    )
  }

  function cancel(id: number): void {
    const task = tasks.get(id)
    remove(id)
    task?.aborter.abort()
    startNext()
  }

  return {
    state,
    add(files, options) {
      const added = Array.from(files, (file): Upload => {
        lastId += 1
        tasks.set(lastId, { file, options, aborter: new AbortController() })
        return { id: lastId, filename: file.name, size: file.size, state: { phase: 'waiting' } }
      })
      state.set([...state.get(), ...added])
      startNext()
    },
    cancel,
    cancelAll() {
      for (const { aborter } of tasks.values()) aborter.abort()
      tasks.clear()
      clearTimeout(hold)
      hold = undefined
      state.set([])
    },
    tryAgain(id) {
      patch(id, { state: { phase: 'waiting' } })
      startNext()
    },
  }
}

export const isUnderWay = ({ state }: Upload): boolean =>
  state.phase === 'waiting' || state.phase === 'sending'

/** Whether this upload shows this job already. While its session is being opened, events may tell of the job first. */
export function isUploadOf({ jobId, filename, size, state }: Upload, job: JobView): boolean {
  if (jobId !== undefined) return jobId === job.id
  return (
    state.phase === 'sending' && job.status === 'UPLOADING' && job.filename === filename && job.size === size
  )
}

type OnProgress = (progress: UploadProgress) => void

async function sendByForm(
  api: Api,
  { file, options, aborter }: Task,
  onProgress: OnProgress,
): Promise<JobView> {
  const bytes = await file.arrayBuffer().catch((error: unknown) => {
    throw new PageError('FILE_UNREADABLE', { cause: error })
  })
  return api.uploadForm(
    { file: new Blob([bytes], { type: file.type }), filename: file.name, options },
    {
      signal: aborter.signal,
      // The form around the file counts as well.
      onProgress: (sent) => onProgress({ sentBytes: Math.min(sent, file.size), isInterrupted: false }),
    },
  )
}

/** Opens a session and sends the file there; a session that the bucket has lost is begun anew. */
async function sendBySession(
  api: Api,
  { file, options, aborter: { signal } }: Task,
  onProgress: OnProgress,
  setJob: (id?: string) => void,
): Promise<void> {
  for (let sessions = 1; ; sessions += 1) {
    const { job, uploadUrl } = await api.openUploadSession({
      filename: file.name,
      size: file.size,
      contentType: mediaType(file),
      options,
    })
    setJob(job.id)
    try {
      await uploadResumably({ file, uploadUrl, from: newSession, signal, onProgress, send, wait })
      return
    } catch (error) {
      setJob()
      // Nothing will come of this job any more; where it cannot be told so, it ends by itself in a week.
      void send({ method: 'DELETE', url: uploadUrl, signal: new AbortController().signal })
      await api.deleteJob(job.id).catch(() => undefined)
      if (!(error instanceof SessionGoneError)) throw error
      if (sessions === mostSessions) throw new PageError('SESSIONS_LOST', { cause: error })
    }
  }
}

/** What the browser takes the file for, without parameters. */
const mediaType = ({ type }: File): string =>
  /^[\w.+-]+\/[\w.+-]+$/.exec(type)?.[0] ?? 'application/octet-stream'
