import assert from 'node:assert/strict'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { newJobId } from '../../lib/jobs/names.ts'
import { deliveries, type Delivery } from '../../lib/notifications/delivery.ts'
import { webhooks, type WebhookSet } from '../../lib/notifications/webhook.ts'
import { users, type UserRecord } from '../../lib/users.ts'
import { somebody } from '../../lib/users.testing.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import type { RecordStore, StoredRecord } from '../../platform/ports.ts'
import { sweepDeliveries } from '../sweep/deliveries.ts'
import { notify } from './notify.ts'
import type { Channels } from './prepare.ts'

export interface NotifyWorld {
  records: RecordStore
  /** A job of somebody's, who is somebody else every time. */
  put(job: Job, owner?: Partial<UserRecord>, hooks?: WebhookSet['hooks']): Promise<string>
  /** The job after something else has become of it. */
  change(jobId: string, job: Job): Promise<void>
  /** What is written down about a job, sorted by id: calls of webhooks, then the mail. */
  noted(jobId: string): Promise<StoredRecord<Delivery>[]>
  /** As if so much time had gone by for what is written down about a job. */
  letPass(jobId: string, seconds: number): Promise<void>
  /** Lets `sweep` look for what is due, and `notify` do what it is told to about this job. Returns those deliveries' ids. */
  sweep(jobId: string, channels: Channels): Promise<string[]>
  close(): Promise<void>
}

/** A local platform of its own. */
export async function openNotifyWorld(): Promise<NotifyWorld> {
  const { local, close } = await openLocal('notify')
  const records = await local.records()
  const bus = await local.bus()
  async function noted(jobId: string): Promise<StoredRecord<Delivery>[]> {
    const { records: found } = await records.query({
      collection: deliveries,
      where: [{ field: 'jobId', is: '==', value: jobId }],
      orderBy: { field: 'jobId', direction: 'asc' },
      limit: 100,
    })
    return found
  }
  return {
    records,
    async put(job, owner = {}, hooks = {}) {
      const id = newJobId()
      await records.transact(async (tx) => {
        tx.set(users, `owner-of-${id}`, { ...somebody, ...owner })
        tx.set(webhooks, `owner-of-${id}`, { hooks })
        tx.set(jobs, id, { ...job, owner: `owner-of-${id}`, filename: `${id}.avi` })
      })
      return id
    },
    async change(id, job) {
      const { data } = await records.get(jobs, id)
      assert.ok(data)
      const { owner, filename } = data
      const timeline = { ...data.timeline, ...renumbered(job.timeline) }
      await records.transact(async (tx) => tx.set(jobs, id, { ...job, owner, filename, timeline }))
    },
    noted,
    async letPass(jobId, seconds) {
      const found = await noted(jobId)
      const earlier = (time: Date): Date => new Date(time.getTime() - seconds * 1000)
      await records.transact(async (tx) => {
        for (const { id, data } of found) {
          const { createdAt, dueAt } = data
          const moved = { createdAt: earlier(createdAt), ...(dueAt && { dueAt: earlier(dueAt) }) }
          tx.set(deliveries, id, { ...data, ...moved })
        }
      })
    },
    async sweep(jobId, channels) {
      await sweepDeliveries()
      const queued = bus.due(['notify'], 1000)
      const told = queued.map(({ event }) => {
        const { message } = event.data as { message: { data: string } }
        return JSON.parse(Buffer.from(message.data, 'base64').toString()) as { deliveryId: string }
      })
      for (const { id } of queued) await bus.delivered(id)
      const ours = told.filter(({ deliveryId }) => deliveryId.startsWith(jobId))
      for (const message of ours) await notify(message, channels)
      return ours.map(({ deliveryId }) => deliveryId)
    },
    close,
  }
}

/** The entries of a timeline as those that come after a hundred others. */
const renumbered = (timeline: Job['timeline']): Job['timeline'] =>
  Object.fromEntries(Object.entries(timeline).map(([key, entry]) => [`0001${key.slice(-2)}`, entry]))
