import { basename } from 'node:path'
import type { EncodingOptions } from '../lib/jobs/job.ts'
import type { Api } from './api.ts'
import { downloadMp3 } from './download.ts'
import { followJob } from './follow.ts'
import type { JobView } from '../lib/jobs/view.ts'
import type { Task } from './plan.ts'
import type { Progress } from './progress.ts'
import { SessionGoneError, uploadResumably } from './resumable-upload.ts'

export interface Conversion {
  task: Task
  /** Bytes. */
  size: number
  options: EncodingOptions
  overwrite: boolean
  signal: AbortSignal
  onProgress: (progress: Progress) => void
  /** Uploads that run at once are limited. */
  uploadInTurn: (upload: () => Promise<string>) => Promise<string>
}

const mostSessions = 3
const farewellSeconds = 2

/** Takes one file to the server and its MP3 back. Resolves to the job, completed or failed. */
export async function convertFile(api: Api, conversion: Conversion): Promise<JobView> {
  const { task, overwrite, signal, onProgress, uploadInTurn } = conversion
  const id = await uploadInTurn(() => upload(api, conversion))
  const job = await followJob(api, id, {
    signal,
    onJob: ({ status, progress, attempt }) =>
      onProgress({ step: 'converting', status, fraction: progress, attempt }),
  })
  if (job.status === 'MP3_COMPLETED' && job.target) {
    const { size } = job.target
    const { target } = task
    await downloadMp3(api, {
      ...{ id, size, target, overwrite, signal },
      onProgress: (receivedBytes) => onProgress({ step: 'downloading', receivedBytes, size }),
    })
  }
  return job
}

/** Resolves to the id of the job that has the file's bytes now. A session that the bucket has lost is begun anew. */
async function upload(
  api: Api,
  { task: { file }, size, options, signal, onProgress }: Conversion,
): Promise<string> {
  for (let sessions = 1; ; sessions += 1) {
    signal.throwIfAborted()
    const { job, uploadUrl } = await api.openUploadSession(
      { filename: basename(file), size, options },
      (why) => onProgress({ step: 'held', why }),
    )
    try {
      await uploadResumably({
        ...{ path: file, size, uploadUrl, signal },
        onProgress: (sentBytes) => onProgress({ step: 'uploading', sentBytes, size }),
      })
      return job.id
    } catch (error) {
      // Nothing will come of this job any more; where it cannot be told so, it ends by itself in a week.
      await api.deleteJob(job.id, farewellSeconds).catch(() => undefined)
      if (!(error instanceof SessionGoneError)) throw error
      if (sessions === mostSessions)
        throw new Error('The bucket lost the upload again and again.', { cause: error })
    }
  }
}
