import { readConfig } from '../../lib/config.ts'
import type { Job } from '../../lib/jobs/job.ts'
import { mp3Name, mp4Name } from '../../lib/jobs/names.ts'
import type { Writable } from '../../lib/server-time.ts'
import { defaultLevels, levelTableId, levelTables, type Level } from '../../lib/tiers/levels.ts'
import { filesOf, newTieredObject, tieredObjects } from '../../lib/tiers/tiered-object.ts'
import type { Transaction } from '../../platform/ports.ts'

const { TIER_GRACE_DAYS: graceDays } = readConfig(['TIER_GRACE_DAYS'])

/** The table of levels, within a transaction. */
export async function readLevels(tx: Transaction): Promise<readonly Level[]> {
  const { data } = await tx.get(levelTables, levelTableId)
  return data?.levels ?? defaultLevels
}

/**
 * Reads what it takes to follow a job's files as the job changes; returns what writes it, in the same transaction: a new file's
 * demand is looked after from then on, a deleted job's no longer.
 */
export async function followFiles(
  tx: Transaction,
  jobId: string,
  before: Job,
  next: Writable<Job>,
  now: Date,
): Promise<() => void> {
  if (next.status === 'DELETED' && before.status !== 'DELETED')
    return () => [mp3Name(jobId), mp4Name(jobId)].forEach((name) => tx.delete(tieredObjects, name))
  const known = new Set(filesOf(before).map(({ name }) => name))
  const files = filesOf(next).filter(({ name }) => !known.has(name))
  if (files.length === 0) return () => undefined
  const levels = await readLevels(tx)
  const found = await Promise.all(files.map(({ name }) => tx.get(tieredObjects, name)))
  return () => {
    for (const [place, { name, filename, size: bytes }] of files.entries()) {
      if (found[place]?.data) continue
      const { owner } = next
      // Whatever is made is made in the bucket's own class.
      const object = { jobId, owner, filename, bytes, storageClass: 'STANDARD', graceDays } as const
      tx.create(tieredObjects, name, newTieredObject(object, levels, now))
    }
  }
}
