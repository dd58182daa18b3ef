import type { Job, JobStatus } from '../../lib/jobs/job.ts'
import { mp3Name, mp4Name, sourceName } from '../../lib/jobs/names.ts'
import type { Delivery } from '../../lib/notifications/delivery.ts'
import type { Access } from '../../lib/tiers/access.ts'
import type { TieredObject } from '../../lib/tiers/tiered-object.ts'
import { check } from './check.ts'
import type { Evidence } from './evidence.ts'
import type { Entry } from './journal.ts'

export const id = '01900000-0000-7000-8000-000000000001'
export const [mp3, mp4, source] = [mp3Name(id), mp4Name(id), sourceName(id)]
export const at = new Date('2026-01-01T12:00:00Z')
const ms = at.getTime()

/** A job that has come to this end, a minute after it began. */
export function endedJob(status: JobStatus, changes: Partial<Job> = {}): Job {
  const actor = { function: 'work', instance: 'one', attempt: 1 }
  return {
    ...{ owner: 'somebody', filename: 'an AVI 1.1', size: 7, contentType: 'video/avi', status, progress: 1 },
    ...{ warnings: [], options: {}, attempt: 1, firstAttempt: 1, outbox: [], createdAt: at, updatedAt: at },
    source: { bucket: 'source', name: source, generation: '1', size: 7 },
    ...(status === 'MP3_COMPLETED' && {
      video: { bucket: 'target', name: mp4, generation: '2', size: 3 },
      target: {
        ...{ bucket: 'target', name: mp3, generation: '3', size: 5 },
        ...{ durationSeconds: 1, samples: 1, bitrate: 192, copied: false },
      },
    }),
    timeline: { '000': { ...actor, at: new Date(ms + 60_000), status } },
    ...changes,
  }
}

export const mailOf = (status: Delivery['status']): Delivery => ({
  ...{ owner: 'somebody', jobId: id, via: 'mail', status, attempts: 1 },
  ...{ createdAt: at, updatedAt: at, purgeAt: at },
})

export const access = (object = mp3, bytes = 5): Access => ({
  ...{ object, bytes, count: 1, requests: 1, counted: true, createdAt: at, purgeAt: at },
})

export const tiered = (bytes: number, count: number): TieredObject => ({
  ...{ jobId: id, owner: 'somebody', filename: 'an AVI', bytes, storageClass: 'STANDARD', level: 'gold' },
  ...{ count, heat: count, heatAt: at, requests: count, bytesRead: count * bytes, classSince: at },
  ...{ createdAt: at, updatedAt: at },
})

/** Of one access: asked for by this request, told by this id. */
export const accessEntries = (request: string, access: string, object = mp3): Entry[] => [
  { at: ms, what: 'access', request, object },
  { at: ms, what: 'telling', accesses: [{ id: access, object }] },
  { at: ms, what: 'told', accesses: [{ id: access, object }] },
]

/** What is found of one AVI that was converted, told of by mail, and asked for once. */
export function evidence(): Evidence {
  const file = (name: string, bucket: string, generation: string, size: number) => ({
    ...{ bucket, name, generation, size, file: `file of ${name}` },
  })
  return {
    sources: [{ name: 'an AVI', becomes: { frames: Buffer.from('sound'), mp4: Buffer.from('mp4') } }],
    accepted: [{ id, filename: 'an AVI 1.1', deleted: false }],
    requests: [{ id: 'request', object: mp3, status: 200 }],
    journal: accessEntries('request', 'access'),
    stored: {
      jobs: new Map([[id, endedJob('MP3_COMPLETED')]]),
      deliveries: new Map([[`${id}.1.mail`, mailOf('SENT')]]),
      accesses: new Map([['access', access()]]),
      tieredObjects: new Map([
        [mp3, tiered(5, 1)],
        [mp4, tiered(3, 0)],
      ]),
      objects: [file(source, 'source', '1', 7), file(mp4, 'target', '2', 3), file(mp3, 'target', '3', 5)],
      uploads: [],
      files: new Map([
        [`file of ${source}`, 7],
        [`file of ${mp4}`, 3],
        [`file of ${mp3}`, 5],
      ]),
      queue: [],
    },
    listed: new Set([id]),
    files: new Map([
      [mp3, Buffer.from('sound')],
      [mp4, Buffer.from('mp4')],
    ]),
    mails: [`The job ${id} is done.`],
    missing: [],
  }
}

/** What the job is called where something is wrong with it. */
export const name = `an AVI 1.1 (${id})`

/** What is wrong with that evidence once this was changed in it. */
export function wrong(change: (found: Evidence) => Partial<Evidence> | void): string[] {
  const found = evidence()
  return check({ ...found, ...change(found) }).wrong
}
