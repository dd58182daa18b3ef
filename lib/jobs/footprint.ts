import type { Writable } from '../server-time.ts'
import { isFinal, type Job } from './job.ts'

/** What a job takes up of its owner's quota. */
export function footprint(job: Writable<Job>): { storedBytes: number; active: boolean } {
  return { storedBytes: storedBytes(job), active: !isFinal(job.status) }
}

function storedBytes({ status, source, sourceGone, video, target, ...job }: Writable<Job>): number {
  // Room is kept for what is on its way, as much as was asked for when the upload began.
  if (status === 'UPLOADING') return job.storedBytes ?? job.size
  if (status === 'DELETED') return 0
  // Without a generation its bytes have never come.
  const isStored = source.generation !== undefined && !sourceGone
  const videoBytes = video && 'size' in video ? video.size : 0
  return (isStored ? job.size : 0) + videoBytes + (target?.size ?? 0)
}
