import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { jobs, type Job, type JobStatus } from '../../lib/jobs/job.ts'
import { mp3Name, mp4Name, newJobId, partsPrefix, sourceName } from '../../lib/jobs/names.ts'
import { maxAttempts } from '../../lib/jobs/transition.ts'
import { serverTime } from '../../lib/server-time.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { sweepJobs } from './jobs.ts'

const past = new Date(Date.now() - 1000)
const future = new Date(Date.now() + 60_000)
const actor = { function: 'sweep', instance: 'test' }

describe('sweep', () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  before(async () => {
    ;({ local, close } = await openLocal('sweep'))
  })
  after(() => close())

  /** A job that some crash has left like this, due a second ago. */
  async function leave(status: JobStatus, rest: Partial<Job> = {}): Promise<string> {
    const id = newJobId()
    const records = await local.records()
    await records.transact(async (tx) => {
      tx.create(jobs, id, {
        owner: 'someone',
        filename: 'a.avi',
        size: 1,
        contentType: 'video/avi',
        status,
        progress: 0,
        warnings: [],
        source: { bucket: 'source', name: sourceName(id) },
        options: {},
        timeline: {},
        attempt: 1,
        firstAttempt: 1,
        outbox: [],
        dueAt: past,
        createdAt: serverTime(),
        updatedAt: serverTime(),
        ...rest,
      })
    })
    return id
  }

  async function put(bucket: string, name: string): Promise<void> {
    const objects = await local.objects()
    await objects.write({ bucket, name }, Readable.from([Buffer.from('bytes')]), { contentType: 'video/avi' })
  }

  async function isThere(bucket: string, name: string): Promise<boolean> {
    const objects = await local.objects()
    return (await objects.stat({ bucket, name })) !== undefined
  }

  async function swept(id: string): Promise<Job> {
    await sweepJobs(actor)
    const records = await local.records()
    const { data } = await records.get(jobs, id)
    assert.ok(data)
    return data
  }

  /** The ids of the jobs that messages of a topic in the queue are about. */
  async function messaged(): Promise<string[]> {
    const bus = await local.bus()
    return bus.due(['work'], 1000).map(({ event }) => {
      const { message } = event.data as { message: { data: string } }
      return (JSON.parse(Buffer.from(message.data, 'base64').toString()) as { jobId: string }).jobId
    })
  }

  it('fails an upload that never came', async () => {
    const job = await swept(await leave('UPLOADING'))
    assert.equal(job.status, 'FAILED')
    assert.equal(job.error?.code, 'UPLOAD_ABANDONED')
  })

  it('takes up an upload that came without anybody noticing', async () => {
    const id = await leave('UPLOADING')
    await put('source', sourceName(id))
    const job = await swept(id)
    assert.equal(job.status, 'ENQUEUED')
    assert.equal(job.size, 5)
    assert.ok((await messaged()).includes(id))
  })

  it('replaces an event that never came by a message', async () => {
    const id = await leave('ENQUEUED')
    const job = await swept(id)
    assert.ok((await messaged()).includes(id))
    assert.ok(job.dueAt && job.dueAt > new Date(), 'and looks again later')
    assert.deepEqual(job.outbox, [])
  })

  for (const status of ['NEED_CONVERT', 'NO_NEED_CONVERT', 'CREATING_MP3'] as const) {
    const claim = { instance: 'dead', attempt: 1, renewedAt: past }

    it(`hands a job that a dead worker left ${status} to the next attempt, without the old one's parts`, async () => {
      const id = await leave(status, { claim })
      await put('target', `${partsPrefix(id, 1)}body`)
      const job = await swept(id)
      assert.equal(job.status, 'ENQUEUED')
      assert.equal(job.attempt, 2)
      assert.equal(job.claim, undefined)
      assert.ok((await messaged()).includes(id))
      assert.equal(await isThere('target', `${partsPrefix(id, 1)}body`), false)
    })

    it(`leaves a job alone that a living worker holds ${status}`, async () => {
      const job = await swept(await leave(status, { claim, dueAt: future }))
      assert.equal(job.status, status)
    })
  }

  it('gives a job up after too many attempts', async () => {
    const claim = { instance: 'dead', attempt: maxAttempts, renewedAt: past }
    const job = await swept(await leave('CREATING_MP3', { claim, attempt: maxAttempts }))
    assert.equal(job.status, 'FAILED')
    assert.equal(job.error?.code, 'GAVE_UP')
  })

  it('publishes what an ended job still owes, and looks again when its source expires', async () => {
    const outbox: Job['outbox'] = [{ topic: 'finished', data: {} }]
    const id = await leave('MP3_COMPLETED', { outbox, expiresAt: future })
    await put('target', `${partsPrefix(id, 1)}body`)
    const job = await swept(id)
    assert.deepEqual(job.outbox, [])
    assert.deepEqual(job.dueAt, future)
    assert.equal(await isThere('target', `${partsPrefix(id, 1)}body`), false)
  })

  it('deletes a source whose time is over, and nothing else', async () => {
    const id = await leave('MP3_COMPLETED', { expiresAt: past })
    await put('source', sourceName(id))
    await put('target', mp3Name(id))
    const job = await swept(id)
    assert.equal(job.status, 'MP3_COMPLETED')
    assert.equal(job.sourceGone, true)
    assert.equal(job.dueAt, undefined)
    assert.equal(await isThere('source', sourceName(id)), false)
    assert.equal(await isThere('target', mp3Name(id)), true)
  })

  it('removes everything that a deleted job has stored, then lets the record go', async () => {
    const id = await leave('DELETED')
    const names = [mp3Name(id), mp4Name(id), `${partsPrefix(id, 1)}body`, `${partsPrefix(id, 2)}body`]
    await put('source', sourceName(id))
    for (const name of names) await put('target', name)
    const job = await swept(id)
    for (const name of names) assert.equal(await isThere('target', name), false)
    assert.equal(await isThere('source', sourceName(id)), false)
    assert.ok(job.purgeAt)
    assert.equal(job.dueAt, undefined)
  })

  it('ends the upload session of a deleted job, so that nothing can be sent for it any more', async () => {
    const objects = await local.objects()
    const source = { bucket: 'source', name: `uploads/${newJobId()}` }
    const url = await objects.createUploadSession(source, { contentType: 'video/mp4', size: 4 })
    const { sessions } = objects
    const upload = new URL(url).searchParams.get('upload_id') ?? ''
    assert.equal((await sessions.find(upload))?.end, undefined)
    const job = await swept(await leave('DELETED', { uploadSession: url }))
    assert.ok((await sessions.find(upload))?.end)
    assert.equal(job.uploadSession, undefined)
    assert.ok(job.purgeAt)
  })

  it('comes again for a deleted job that a worker may still be writing for', async () => {
    const claim = { instance: 'busy', attempt: 1, renewedAt: new Date() }
    const job = await swept(await leave('DELETED', { claim }))
    assert.equal(job.purgeAt, undefined)
    assert.ok(job.dueAt && job.dueAt > new Date())
  })

  it('mends many at once', async () => {
    const ids = await Promise.all(Array.from({ length: 250 }, () => leave('UPLOADING')))
    await sweepJobs(actor)
    const records = await local.records()
    for (const id of ids) assert.equal((await records.get(jobs, id)).data?.status, 'FAILED')
  })
})
