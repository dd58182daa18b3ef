import { readConfig } from '../../lib/config.ts'
import { cleanFilename } from '../../lib/filename.ts'
import { jobs, type Actor, type StoredObject } from '../../lib/jobs/job.ts'
import { adoptedJobId, jobOfSource } from '../../lib/jobs/names.ts'
import { TransitionError } from '../../lib/jobs/event.ts'
import { adoptJob } from '../../lib/jobs/begin.ts'
import { log } from '../../lib/log.ts'
import { userId } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'
import type { FinalizedObject } from '../shared/event-function.ts'
import { advance } from '../shared/jobs.ts'

const config = readConfig(['ADMIN_EMAIL', 'SOURCE_BUCKET'])

/**
 * The job of an object that has come into the source bucket. Nothing, where the job was deleted: then the object goes too; nor
 * for one of another bucket, which is none of ours to convert or delete, whatever the event says.
 */
export async function acceptObject(object: FinalizedObject, actor: Actor): Promise<string | undefined> {
  const { bucket, name } = object
  if (bucket !== config.SOURCE_BUCKET) {
    log.warning('An object of another bucket is left alone', { bucket, object: name })
    return undefined
  }
  const jobId = jobOfSource(object.name)
  if (jobId === undefined) return adopt(object, actor)
  try {
    await advance(jobId, { type: 'uploaded', actor, source: sourceOf(object) })
    return jobId
  } catch (error) {
    if (!(error instanceof TransitionError && error.reason === 'deleted')) throw error
    const objects = await platform().objects()
    await objects.delete({ bucket, name })
    log.info('The upload of a deleted job was removed', { job: jobId })
    return undefined
  }
}

/** An object that came by other means than the API: its metadata may name its owner and its file. */
async function adopt(object: FinalizedObject, actor: Actor): Promise<string> {
  const id = adoptedJobId(object)
  const owner = userId(object.metadata['owner'] ?? config.ADMIN_EMAIL)
  const named = cleanFilename.safeParse(object.metadata['filename'] ?? object.name)
  const { size, contentType } = object
  const job = {
    owner,
    filename: named.data ?? 'video',
    size,
    contentType,
    options: {},
    source: sourceOf(object),
  }
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data, readAt } = await tx.get(jobs, id)
    if (!data) tx.create(jobs, id, adoptJob(job, actor, readAt))
  })
  return id
}

const sourceOf = ({ bucket, name, generation, size }: FinalizedObject): StoredObject => ({
  bucket,
  name,
  generation,
  size,
})
