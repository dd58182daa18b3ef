import { readConfig } from '../../lib/config.ts'
import { isRunning, jobs, type Actor, type Job, type StoredObject } from '../../lib/jobs/job.ts'
import { mp3Name, mp4Name, partsPrefix } from '../../lib/jobs/names.ts'
import { TransitionError, type JobEvent } from '../../lib/jobs/event.ts'
import { log } from '../../lib/log.ts'
import { platform } from '../../platform/index.ts'
import { advance, publishOutbox } from '../shared/jobs.ts'
import { deleteByPrefix } from '../shared/objects.ts'

const config = readConfig(['TARGET_BUCKET', 'LEASE_SECONDS', 'SOURCE_DAYS'])

const batch = 100
/** What is due much later is not even read. Only the store's clock says what is due now; ours is not wrong by that much. */
const clockMarginSeconds = 60 * 60

/** Mends every job that is due: whatever a crash, a lost event or an abandoned upload has left half done. */
export async function sweepJobs(actor: Actor): Promise<void> {
  const records = await platform().records()
  const seen = new Set<string>()
  const latest = new Date(Date.now() + clockMarginSeconds * 1000)
  for (;;) {
    const orderBy = { field: 'dueAt', direction: 'asc' } as const
    const { records: first, readAt } = await records.query({
      collection: jobs,
      where: [{ field: 'dueAt', is: '<=', value: latest }],
      orderBy,
      limit: batch + seen.size,
    })
    const due = first.filter(({ data }) => data.dueAt && data.dueAt <= readAt)
    const fresh = due.filter(({ id }) => !seen.has(id))
    for (const { id, data } of fresh) {
      seen.add(id)
      await mend(id, data, actor)
    }
    // A job that could not be mended stays due: the next sweep tries again.
    if (fresh.length === 0) return
  }
}

/** One job that cannot be mended must not keep the others from it. */
async function mend(id: string, job: Job, actor: Actor): Promise<void> {
  try {
    if (job.status === 'UPLOADING') await mendUpload(id, job, actor)
    else if (job.status === 'ENQUEUED') await ifDue(id, 'ENQUEUED', { type: 'driven', actor })
    else if (isRunning(job.status)) await takeBack(id, job, actor)
    else if (job.status === 'DELETED') await purge(id, job, actor)
    else await tidyUp(id, job, actor)
  } catch (error) {
    if (error instanceof TransitionError)
      log.info(`Sweep came too late for a job: ${error.message}`, { job: id })
    else log.error('A job could not be mended; the next sweep tries again', error, { job: id })
  }
}

/** Lets the event happen if the job still is what it was, and still due by the store's clock. */
async function ifDue(id: string, status: Job['status'], event: JobEvent): Promise<boolean> {
  return advance(id, (job, now) =>
    job.status === status && job.dueAt && job.dueAt <= now ? event : undefined,
  )
}

/** The bytes may have come without anybody noticing; otherwise they never will. */
async function mendUpload(id: string, job: Job, actor: Actor): Promise<void> {
  const objects = await platform().objects()
  const found = await objects.stat(job.source)
  if (found) {
    const source: StoredObject = { ...job.source, generation: found.generation, size: found.size }
    await ifDue(id, 'UPLOADING', { type: 'uploaded', actor, source })
    await advance(id, { type: 'driven', actor })
    return
  }
  const message = 'The upload was never finished. Upload the file again.'
  const { attempt } = job
  const sourceDays = config.SOURCE_DAYS
  await ifDue(id, 'UPLOADING', {
    type: 'failed',
    actor,
    attempt,
    code: 'UPLOAD_ABANDONED',
    message,
    sourceDays,
  })
}

/** The worker has not renewed its claim in time: it is dead, and the next attempt begins. */
async function takeBack(id: string, job: Job, actor: Actor): Promise<void> {
  const event = {
    type: 'handedBack',
    actor,
    attempt: job.attempt,
    sourceDays: config.SOURCE_DAYS,
    leaseOver: true,
  } as const
  if (await ifDue(id, job.status, event))
    await deleteByPrefix(config.TARGET_BUCKET, partsPrefix(id, job.attempt))
}

/** An ended job may owe messages, have parts lying about, and a source whose time is over. */
async function tidyUp(id: string, job: Job, actor: Actor): Promise<void> {
  await deleteByPrefix(config.TARGET_BUCKET, partsPrefix(id))
  if (job.outbox.length > 0) await publishOutbox(id, job.outbox, actor)
  const records = await platform().records()
  const { readAt } = await records.get(jobs, id)
  if (job.expiresAt && job.expiresAt <= readAt) {
    const objects = await platform().objects()
    await objects.delete(job.source)
    await ifDue(id, job.status, { type: 'sourceExpired', actor })
  }
}

/** Deletes whatever a deleted job has stored. A worker that may still be writing is waited for. */
async function purge(id: string, job: Job, actor: Actor): Promise<void> {
  const objects = await platform().objects()
  await deleteByPrefix(config.TARGET_BUCKET, partsPrefix(id))
  // First: what ended it would otherwise come in after all.
  if (job.uploadSession !== undefined) await objects.cancelUploadSession(job.uploadSession)
  await objects.delete(job.source)
  for (const name of [mp4Name(id), mp3Name(id)]) await objects.delete({ bucket: config.TARGET_BUCKET, name })
  const leaseSeconds = config.LEASE_SECONDS
  await advance(id, { type: job.claim ? 'purgeDelayed' : 'purged', actor, leaseSeconds })
}
