import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { mp3Name, newJobId } from '../../lib/jobs/names.ts'
import { completed } from '../../lib/jobs/testing.ts'
import type { Writable } from '../../lib/server-time.ts'
import type { StorageClass } from '../../lib/storage-class.ts'
import type { AccessMessage } from '../../lib/tiers/access.ts'
import { defaultLevels } from '../../lib/tiers/levels.ts'
import { newTieredObject, tieredObjects, type TieredObject } from '../../lib/tiers/tiered-object.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'

export const bytes = 1000
const body = Buffer.alloc(bytes, 7)

/** A completed job whose MP3 is there, with this in its record; returns the MP3's name. */
export async function putMp3(
  local: LocalPlatform,
  rest: Partial<Writable<TieredObject>> = {},
): Promise<string> {
  const jobId = newJobId()
  const name = mp3Name(jobId)
  const objects = await local.objects()
  const contentType = 'audio/mpeg'
  const metadata = { job: jobId }
  const { generation } = await objects.write({ bucket: 'target', name }, Readable.from([body]), {
    contentType,
    metadata,
  })
  const target = { ...mp3Of(completed), name, generation, size: bytes }
  const records = await local.records()
  await records.transact(async (tx) => {
    tx.create(jobs, jobId, { ...completed, target })
    const object = { jobId, owner: 'someone', filename: 'holiday.mp3', bytes, graceDays: 0 }
    const made = newTieredObject({ ...object, storageClass: 'STANDARD' }, defaultLevels, new Date())
    tx.create(tieredObjects, name, { ...made, ...rest })
  })
  return name
}

function mp3Of({ target }: Job): NonNullable<Job['target']> {
  if (!target) throw new Error('This job has no MP3.')
  return target
}

/** Somebody downloads it. */
export const accessOf = (object: string): AccessMessage => ({
  id: randomUUID(),
  object,
  count: 1,
  requests: 1,
  bytes,
})

export async function recordOf(local: LocalPlatform, name: string): Promise<TieredObject> {
  const records = await local.records()
  const { data } = await records.get(tieredObjects, name)
  if (!data) throw new Error(`There is no record of ${name}.`)
  return data
}

export async function classOf(local: LocalPlatform, name: string): Promise<StorageClass | undefined> {
  const objects = await local.objects()
  return (await objects.stat({ bucket: 'target', name }))?.storageClass
}
