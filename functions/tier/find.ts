import type { User } from '../../lib/http/router.ts'
import { jobs } from '../../lib/jobs/job.ts'
import { Problem } from '../../lib/problems.ts'
import {
  filesOf,
  newTieredObject,
  objectMeant,
  tieredObjects,
  type TieredObject,
} from '../../lib/tiers/tiered-object.ts'
import { platform } from '../../platform/index.ts'
import { readLevels } from '../shared/tiered-objects.ts'
import { settings, targetBucket } from './settings.ts'

/** What is known of an object of the target bucket; undefined where it is no job's, or gone. */
export async function findObject(name: string): Promise<TieredObject | undefined> {
  const records = await platform().records()
  const { data } = await records.get(tieredObjects, name)
  return data ?? adopt(name)
}

/** Begins to look after an object that was made before tiers were. */
async function adopt(name: string): Promise<TieredObject | undefined> {
  const objects = await platform().objects()
  const info = await objects.stat({ bucket: targetBucket, name })
  const jobId = name.slice(0, name.lastIndexOf('.'))
  if (!info || objectMeant(name) !== name) return undefined
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data: known } = await tx.get(tieredObjects, name)
    const { data: job, readAt } = await tx.get(jobs, jobId)
    const file = job && job.status !== 'DELETED' ? filesOf(job).find((each) => each.name === name) : undefined
    const levels = await readLevels(tx)
    if (known || !job || !file) return
    const { owner } = job
    const { filename, size: bytes } = file
    const { storageClass } = info
    const { graceDays } = settings
    const object = { jobId, owner, filename, bytes, storageClass, graceDays }
    tx.create(tieredObjects, name, newTieredObject(object, levels, readAt))
  })
  return (await records.get(tieredObjects, name)).data
}

/** The object that a request means, if this user may see it: their own, or an admin any. Throws NOT_FOUND. */
export async function findForUser(id: string, user: User): Promise<{ name: string; object: TieredObject }> {
  const name = objectMeant(id)
  const object = name === undefined ? undefined : await findObject(name)
  if (name === undefined || !object || (object.owner !== user.id && user.role !== 'admin'))
    throw new Problem('NOT_FOUND', `There is no MP3 or MP4 of a job ${JSON.stringify(id)}.`)
  return { name, object }
}
