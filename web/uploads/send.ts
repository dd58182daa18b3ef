import type { EncodingOptions } from '../../lib/jobs/job.ts'
import type { JobView } from '../../lib/jobs/view.ts'
import { anyMediaType, mediaType } from '../../lib/media-type.ts'
import type { Once } from '../../lib/once.ts'
import { newSession, resumedSession } from '../../lib/resumable.ts'
import type { Api } from '../api/api.ts'
import { ApiError, PageError } from '../api/errors.ts'
import { wait } from '../api/wait.ts'
import { send } from '../api/xhr.ts'
import { SessionGoneError, uploadResumably, type UploadProgress } from './resumable.ts'

/** A file to be sent. */
export interface Sending {
  file: File
  /** Sees to it that no job is made twice, over all that is tried. */
  once: Once
  options: EncodingOptions
  signal: AbortSignal
  onProgress: (progress: UploadProgress) => void
}

/** Where a file's bytes go that are sent piece by piece. */
export interface OpenSession {
  jobId: string
  /** Its account's id. */
  owner: string
  uploadUrl: string
}

const mostSessions = 3

/** Sends a whole file in one form. */
export async function sendByForm(
  api: Api,
  { file, once, options, signal, onProgress }: Sending,
): Promise<JobView> {
  const bytes = await file.arrayBuffer().catch((error: unknown) => {
    throw new PageError('FILE_UNREADABLE', { cause: error })
  })
  const body = new Blob([bytes], { type: file.type })
  // The form around the file counts as well.
  const watched = {
    signal,
    onProgress: (sent: number) => onProgress({ sentBytes: Math.min(sent, file.size), isInterrupted: false }),
  }
  return once.ask((key) => api.uploadForm({ file: body, filename: file.name, options, key }, watched))
}

/**
 * Sends a file to the session that it has, else to a new one; a session that the bucket has lost is begun anew. `onSession`
 * hears of each session, and of none once that is over without the file. When it rejects, a session that is still known can be
 * resumed.
 */
export async function sendBySession(
  api: Api,
  sending: Sending,
  known: OpenSession | undefined,
  onSession: (session?: OpenSession) => void,
): Promise<void> {
  const { file, once, options, signal, onProgress } = sending
  let session = known
  for (let sessions = 1; ; sessions += 1) {
    signal.throwIfAborted()
    const from = session ? resumedSession : newSession
    if (!session) {
      const asked = { filename: file.name, size: file.size, contentType: contentTypeOf(file), options }
      const { job, uploadUrl } = await once.ask((key) => api.openUploadSession(asked, key))
      session = { jobId: job.id, owner: job.owner, uploadUrl }
      onSession(session)
    }
    try {
      const { uploadUrl } = session
      await uploadResumably({ file, uploadUrl, from, signal, onProgress, send, wait })
      return
    } catch (error) {
      if (signal.aborted || (error instanceof PageError && error.code === 'FILE_UNREADABLE')) throw error
      const ended = session
      session = undefined
      // First, since the end of its job is no longer the upload's.
      onSession()
      await endSession(api, ended)
      if (!(error instanceof SessionGoneError)) throw error
      if (sessions === mostSessions) throw new PageError('SESSIONS_LOST', { cause: error })
    }
  }
}

/** Nothing will come of its job any more; where it cannot be told so, it ends by itself in a week. */
export async function endSession(api: Api, { jobId, uploadUrl }: OpenSession): Promise<void> {
  void send({ method: 'DELETE', url: uploadUrl, signal: new AbortController().signal })
  await api.deleteJob(jobId).catch(() => undefined)
}

/** Whether its job has its video, or is gone: nothing is to be sent for it any more. */
export const hasMovedOn = (api: Api, jobId: string): Promise<boolean> =>
  api.job(jobId).then(
    ({ status }) => status !== 'UPLOADING',
    (error: unknown) => error instanceof ApiError && error.status === 404,
  )

/** Whether the same may go well later: no answer, or too much at once. */
export const isPassing = ({ status }: ApiError): boolean => [0, 429, 502, 503, 504].includes(status)

/** What the browser takes the file for, where the server would take that. */
const contentTypeOf = ({ type }: File): string => (mediaType.test(type) ? type : anyMediaType)
