import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { adoptJob, beginJob, uploadSeconds } from './begin.ts'
import {
  after,
  enqueued,
  events,
  later,
  newJob,
  settle,
  source,
  start,
  statusesOf,
  uploading,
  worker,
} from './testing.ts'
import { transition } from './transition.ts'

describe('An upload', () => {
  it('that is still coming is given another hour', () => {
    const told = settle(transition(uploading, events.stillComing, later(50 * 60)), later(50 * 60))
    assert.deepEqual(told.dueAt, later(110 * 60))
    assert.equal(told.status, 'UPLOADING')
  })

  it('by a session remembers its URL until its bytes are there, or cannot come any more', () => {
    const job = { ...uploading, uploadSession: 'https://bucket.example/session' }
    assert.equal(transition(job, events.uploaded, start).uploadSession, undefined)
    const deleted = settle(transition(job, events.deleted, start), start)
    assert.equal(deleted.uploadSession, job.uploadSession)
    assert.equal(transition(deleted, events.purged, start).uploadSession, undefined)
  })

  it('begins UPLOADING, at the first attempt, with everything that is known', () => {
    const { owner, filename, size, contentType, options } = newJob
    const expected = { owner, filename, size, contentType, options, source: newJob.source }
    assert.deepEqual(uploading, {
      ...expected,
      status: 'UPLOADING',
      progress: 0,
      warnings: [],
      attempt: 1,
      firstAttempt: 1,
      outbox: [],
      storedBytes: 0,
      active: true,
      timeline: {
        '000001': { at: start, status: 'UPLOADING', function: 'upload', instance: 'u', attempt: 1 },
      },
      dueAt: later(60 * 60),
      createdAt: start,
      updatedAt: start,
    })
  })

  it('by a form is looked after within an hour, by a session within a week', () => {
    for (const [kind, seconds] of [
      ['form', 3600],
      ['session', 7 * 24 * 3600],
    ] as const) {
      assert.equal(uploadSeconds[kind], seconds)
      assert.deepEqual(beginJob(newJob, kind, worker, start).dueAt, later(seconds))
    }
  })

  it('once there is ENQUEUED with its object and its size, and looked after in ten minutes', () => {
    assert.deepEqual(enqueued.source, source)
    assert.equal(enqueued.size, source.size)
    assert.deepEqual(enqueued.dueAt, later(600))
    assert.deepEqual(enqueued.outbox, [], 'its event comes from the bucket')
  })

  it('that came without the API begins ENQUEUED', () => {
    const adopted = settle(adoptJob({ ...newJob, source }, worker, start), start)
    assert.equal(adopted.status, 'ENQUEUED')
    assert.deepEqual(statusesOf(adopted), ['ENQUEUED'])
    assert.deepEqual(adopted.dueAt, later(600))
    assert.deepEqual([adopted.attempt, adopted.firstAttempt], [1, 1])
  })

  it('that was abandoned fails before any worker has seen it', () => {
    const abandoned = after(uploading, [
      { ...events.failed, code: 'UPLOAD_ABANDONED', message: 'Never came.' },
    ])
    assert.equal(abandoned.status, 'FAILED')
    assert.deepEqual(abandoned.error, { code: 'UPLOAD_ABANDONED', message: 'Never came.' })
  })
})

describe('An upload that was given up', () => {
  it('is taken up again when its bytes come in after all', () => {
    const abandoned = after(uploading, [{ ...events.failed, code: 'UPLOAD_ABANDONED' }])
    const job = after(abandoned, [events.uploaded])
    assert.equal(job.status, 'ENQUEUED')
    assert.equal(job.error, undefined)
    assert.equal(job.expiresAt, undefined)
  })
})
