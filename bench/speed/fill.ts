import { v7 as uuidv7 } from 'uuid'
import { beginJob } from '../../lib/jobs/begin.ts'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { mp3Name, sourceName } from '../../lib/jobs/names.ts'
import { after, events, settle, target, worker } from '../../lib/jobs/testing.ts'
import { defaultLevels } from '../../lib/tiers/levels.ts'
import { newTieredObject, tieredObjects } from '../../lib/tiers/tiered-object.ts'
import { openDatabase } from '../../platform/local/database.ts'
import { openRecords } from '../../platform/local/records.ts'

const batch = 1000
// All within a day, so that none is due: sweep would have the sources of older ones removed meanwhile. Milliseconds.
const apart = 500

/** Writes down so many completed jobs of one owner, half a second apart, as if a server had made them over that data directory. */
export async function fillJobs(dataDir: string, owner: string, count: number): Promise<void> {
  const database = openDatabase(dataDir)
  try {
    const { sql } = database
    // Whatever a power cut would leave of it is of no use to anybody.
    sql.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -500000')
    const records = openRecords(database)
    // To make each index at the end is quicker than to keep it up.
    const found = sql
      .prepare(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'records' AND sql IS NOT NULL",
      )
      .all()
    for (const { name } of found) sql.exec(`DROP INDEX "${String(name)}"`)
    const begun = Date.now() - count * apart
    for (let first = 0; first < count; first += batch)
      await records.transact(async (tx) => {
        // Only what a query looks at differs within a batch: to go through the life of each job would take longer than all else.
        const like = completedJob(uuidv7(), owner, new Date(begun + first * apart))
        for (let index = first; index < Math.min(first + batch, count); index++) {
          const at = new Date(begun + index * apart)
          const id = uuidv7({ msecs: at.getTime() })
          const job = { ...like, filename: `video-${id}.mp4`, createdAt: at, updatedAt: at }
          tx.set(jobs, id, job)
          const { filename } = job
          const file = {
            jobId: id,
            owner,
            filename,
            bytes: target.size,
            storageClass: 'STANDARD',
            graceDays: 7,
          } as const
          tx.set(tieredObjects, mp3Name(id), newTieredObject(file, defaultLevels, at))
        }
      })
    openRecords(database)
  } finally {
    database.close()
  }
}

function completedJob(id: string, owner: string, at: Date): Job {
  const source = { bucket: 'source', name: sourceName(id) }
  const file = { filename: `video-${id}.mp4`, size: 5_000_000, contentType: 'video/mp4' }
  const job = { owner, ...file, options: { bitrate: 192 }, source } as const
  const stored = { ...source, generation: `${at.getTime()}000`, size: file.size }
  return after(
    settle(beginJob(job, 'session', { function: 'upload', instance: 'filled-1' }, at), at),
    [
      { ...events.uploaded, actor: worker, source: stored },
      { ...events.claimed, isAvi: false },
      events.encoding,
      { ...events.completed, target: { ...target, name: mp3Name(id) } },
      events.published,
    ],
    at,
  )
}
