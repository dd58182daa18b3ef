import type { User } from '../../lib/http/router.ts'
import type { JobStatus, StoredObject } from '../../lib/jobs/job.ts'
import { savedAs } from '../../lib/jobs/names.ts'
import { Problem } from '../../lib/problems.ts'
import { findJob } from '../shared/jobs.ts'

/** A file to be downloaded, under the name that its owner will see. */
export interface Download {
  object: StoredObject
  filename: string
  contentType: string
}

/** A job's MP3. Throws NOT_FOUND or NOT_COMPLETED. */
export async function findMp3(id: string, user: User): Promise<Download> {
  const job = await findJob(id, user)
  if (job.status !== 'MP3_COMPLETED' || !job.target) {
    const why = job.error ? ` ${job.error.message}` : ''
    throw new Problem('NOT_COMPLETED', `The job is ${job.status}: there is no MP3 to download.${why}`)
  }
  return { object: job.target, filename: savedAs(job.filename, '.mp3'), contentType: 'audio/mpeg' }
}

/** Where a job may still get an MP4. */
const beforeMp4: readonly JobStatus[] = ['UPLOADING', 'ENQUEUED', 'NEED_CONVERT']

/** The MP4 that was made from an AVI. Throws NOT_FOUND or NOT_COMPLETED. */
export async function findMp4(id: string, user: User): Promise<Download> {
  const { status, video, filename } = await findJob(id, user)
  if (video && !('skipped' in video))
    return { object: video, filename: savedAs(filename, '.mp4'), contentType: 'video/mp4' }
  if (video) throw new Problem('NOT_FOUND', `There is no MP4: ${video.skipped}`)
  if (beforeMp4.includes(status))
    throw new Problem('NOT_COMPLETED', `The job is ${status}: there is no MP4 yet.`)
  throw new Problem('NOT_FOUND', 'This job has no MP4: only AVIs are made into one.')
}
