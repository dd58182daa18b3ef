import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JobEvent, TransitionErrorReason } from './event.ts'
import { jobStatuses, type JobStatus } from './job.ts'
import {
  after,
  completed,
  creating,
  deleted,
  enqueued,
  events,
  failed,
  jobIn,
  later,
  leaseSeconds,
  media,
  needConvert,
  noNeedConvert,
  refusal,
  sourceDays,
  start,
  statusesOf,
  target,
  worker,
  type EventType,
} from './testing.ts'
import { transition } from './transition.ts'

const sourceSeconds = sourceDays * 24 * 60 * 60

describe('What can happen to a job', () => {
  /** A status: it becomes that. `kept`: it changes but for its status. `same`: nothing changes. Anything else: refused so. */
  type Outcome = JobStatus | 'kept' | 'same' | TransitionErrorReason
  const everywhere = (outcome: Outcome): Record<JobStatus, Outcome> => ({
    UPLOADING: outcome,
    ENQUEUED: outcome,
    NEED_CONVERT: outcome,
    NO_NEED_CONVERT: outcome,
    CREATING_MP3: outcome,
    MP3_COMPLETED: outcome,
    FAILED: outcome,
    DELETED: outcome,
  })
  const illegal = { ...everywhere('illegal'), DELETED: 'deleted' } as const
  const running = (outcome: Outcome): Partial<Record<JobStatus, Outcome>> => ({
    NEED_CONVERT: outcome,
    NO_NEED_CONVERT: outcome,
    CREATING_MP3: outcome,
  })
  const outcomes: Record<EventType, Record<JobStatus, Outcome>> = {
    uploaded: { ...everywhere('same'), UPLOADING: 'ENQUEUED', DELETED: 'deleted' },
    stillComing: { ...everywhere('same'), UPLOADING: 'kept', DELETED: 'deleted' },
    claimed: { ...illegal, ENQUEUED: 'NEED_CONVERT', ...running('same') },
    renewed: { ...illegal, ...running('kept') },
    remuxed: { ...illegal, NEED_CONVERT: 'NO_NEED_CONVERT', NO_NEED_CONVERT: 'same', CREATING_MP3: 'same' },
    encoding: { ...illegal, NO_NEED_CONVERT: 'CREATING_MP3', CREATING_MP3: 'same' },
    completed: { ...illegal, CREATING_MP3: 'MP3_COMPLETED', MP3_COMPLETED: 'same' },
    failed: { ...illegal, UPLOADING: 'FAILED', ENQUEUED: 'FAILED', ...running('FAILED'), FAILED: 'same' },
    handedBack: { ...illegal, ENQUEUED: 'ENQUEUED', ...running('ENQUEUED') },
    driven: { ...illegal, ENQUEUED: 'kept' },
    published: { ...everywhere('same'), MP3_COMPLETED: 'kept', FAILED: 'kept', DELETED: 'kept' },
    retried: { ...illegal, ENQUEUED: 'same', FAILED: 'ENQUEUED' },
    sourceExpired: { ...illegal, MP3_COMPLETED: 'kept', FAILED: 'kept' },
    moved: { ...everywhere('same'), MP3_COMPLETED: 'kept', DELETED: 'deleted' },
    deleted: { ...everywhere('DELETED'), DELETED: 'same' },
    purgeDelayed: { ...everywhere('illegal'), DELETED: 'kept' },
    purged: { ...everywhere('illegal'), DELETED: 'kept' },
  }

  for (const [type, byStatus] of Object.entries(outcomes)) {
    // The table has a row for every type of event, and nothing else.
    const event = events[type as EventType]
    describe(type, () => {
      for (const status of jobStatuses) {
        const job = jobIn[status]
        const outcome = byStatus[status]
        it(`when the job is ${status}: ${outcome}`, () => {
          assert.equal(job.status, status)
          if (outcome === 'same') assert.equal(transition(job, event, start), job)
          else if (outcome === 'kept') {
            const next = transition(job, event, start)
            assert.notEqual(next, job)
            assert.equal(next.status, status)
          } else if (outcome === outcome.toLowerCase()) assert.equal(refusal(job, event), outcome)
          else assert.equal(transition(job, event, start).status, outcome)
        })
      }
    })
  }
})

describe('The steps of a conversion', () => {
  it('keep what each has found', () => {
    assert.deepEqual(noNeedConvert.video, events.remuxed.video)
    assert.deepEqual(creating.media, media)
    assert.deepEqual(completed.target, target)
  })

  it('count their progress each from 0, and end at 1', () => {
    const halfway = after(needConvert, [events.renewed])
    assert.equal(halfway.progress, 0.5)
    assert.equal(after(halfway, [events.remuxed]).progress, 0)
    assert.equal(after(noNeedConvert, [events.renewed, events.encoding]).progress, 0)
    assert.equal(completed.progress, 1)
  })

  it('say why there is no MP4', () => {
    const video = { skipped: 'Its video cannot be kept in an MP4.' }
    assert.deepEqual(after(needConvert, [{ ...events.remuxed, video }]).video, video)
  })

  it('end with warnings, where there are any', () => {
    const warnings = [{ code: 'DAMAGED', message: 'Some frames were left out.' }] as const
    assert.deepEqual(after(creating, [{ ...events.completed, warnings: [...warnings] }]).warnings, warnings)
  })
})

describe('The timeline', () => {
  it('has one entry for every status, under numbers that sort, with who and which attempt', () => {
    assert.deepEqual(statusesOf(completed), [
      'UPLOADING',
      'ENQUEUED',
      'NEED_CONVERT',
      'NO_NEED_CONVERT',
      'CREATING_MP3',
      'MP3_COMPLETED',
    ])
    const keys = ['000001', '000002', '000003', '000004', '000005', '000006']
    assert.deepEqual(Object.keys(completed.timeline), keys)
    assert.deepEqual(completed.timeline['000006'], {
      at: start,
      status: 'MP3_COMPLETED',
      attempt: 1,
      ...worker,
    })
  })

  it('stays in order beyond nine entries', () => {
    let job = enqueued
    while (Object.keys(job.timeline).length < 12) {
      const { attempt } = job
      job = after(job, [{ ...events.failed, attempt }, events.retried])
    }
    assert.equal(statusesOf(job).at(-1), 'ENQUEUED')
    assert.deepEqual(Object.keys(job.timeline), Object.keys(job.timeline).toSorted())
  })
})

describe('An ended job', () => {
  for (const job of [completed, failed]) {
    it(`that is ${job.status} owes its owner a message, soon, and has let its claim go`, () => {
      assert.deepEqual(job.outbox, [{ topic: 'finished', data: {} }])
      assert.deepEqual(job.dueAt, later(60))
      assert.equal(job.claim, undefined)
    })

    it(`that is ${job.status} is left alone, once that is published, until its source expires`, () => {
      const published = after(job, [events.published], later(1))
      assert.deepEqual(published.outbox, [])
      assert.deepEqual(published.expiresAt, later(sourceSeconds))
      assert.deepEqual(published.dueAt, later(sourceSeconds))
    })

    it(`that is ${job.status} is left alone for ever once its source has expired`, () => {
      const expired = after(job, [events.published, events.sourceExpired])
      assert.equal(expired.sourceGone, true)
      assert.equal(expired.dueAt, undefined)
      assert.equal(transition(expired, events.sourceExpired, start), expired)
    })

    it(`that is ${job.status} still pays what it owes when its source has expired first`, () => {
      const expired = after(job, [events.sourceExpired])
      assert.deepEqual(expired.outbox, job.outbox)
      assert.deepEqual(expired.dueAt, later(60))
      const published = after(expired, [events.published])
      assert.deepEqual(published.outbox, [])
      assert.equal(published.dueAt, undefined)
    })
  }

  it('that is FAILED says why', () => {
    assert.deepEqual(failed.error, { code: 'NO_AUDIO', message: 'No sound.' })
  })

  it('that is MP3_COMPLETED is not completed again with another MP3', () => {
    const again = { ...events.completed, target: { ...target, generation: '9' } }
    assert.equal(refusal(completed, again), 'illegal')
  })
})

describe('The outbox', () => {
  const retriedAtOnce = after(failed, [events.retried])

  it('keeps what is still owed of the last round, whatever becomes of the next', () => {
    for (const happened of [[], [{ ...events.claimed, attempt: 2 }], [events.driven]] as JobEvent[][]) {
      const topics = after(retriedAtOnce, happened).outbox.map(({ topic }) => topic)
      assert.ok(topics.includes('finished'), String(topics))
    }
  })

  it('loses only those messages that were published', () => {
    const messages = [{ topic: 'work', data: { attempt: '2' } }] as const
    const left = after(retriedAtOnce, [{ type: 'published', actor: worker, messages }])
    assert.deepEqual(left.outbox, [{ topic: 'finished', data: {} }])
    assert.deepEqual(left.dueAt, retriedAtOnce.dueAt, 'and is looked at again as soon as before')
  })
})

describe('A retry', () => {
  const withWarning = { ...failed, warnings: [{ code: 'DAMAGED' as const, message: 'Damaged.' }] }
  const retried = after(withWarning, [events.published, events.retried], later(5))

  it('begins a new round with a new attempt, without what the last one left', () => {
    assert.equal(retried.status, 'ENQUEUED')
    assert.deepEqual([retried.attempt, retried.firstAttempt], [2, 2])
    assert.equal(retried.progress, 0)
    assert.deepEqual(retried.warnings, [])
    for (const field of ['error', 'expiresAt', 'claim'] as const) assert.ok(!(field in retried), field)
  })

  it('asks for work at once', () => {
    assert.deepEqual(retried.outbox, [{ topic: 'work', data: { attempt: '2' } }])
    assert.deepEqual(retried.dueAt, later(5 + 60))
  })

  it('keeps the history', () => {
    assert.deepEqual(statusesOf(retried).slice(-2), ['FAILED', 'ENQUEUED'])
  })
})

describe('A deletion', () => {
  for (const status of jobStatuses.filter((each) => each !== 'DELETED')) {
    it(`of a job that is ${status} is due at once and owes sweep a message`, () => {
      const gone = after(jobIn[status], [events.deleted], later(3))
      assert.equal(gone.status, 'DELETED')
      assert.deepEqual(gone.outbox, [{ topic: 'sweep', data: {} }])
      assert.deepEqual(gone.dueAt, later(3))
    })
  }

  it('stays due once its message is published: the objects are still there', () => {
    assert.deepEqual(after(deleted, [events.published], later(9)).dueAt, deleted.dueAt)
  })

  it('waits for a worker that may still be writing', () => {
    const delayed = after(deleted, [events.purgeDelayed])
    assert.equal(delayed.claim, undefined)
    assert.deepEqual(delayed.dueAt, later(leaseSeconds))
    assert.equal(delayed.purgeAt, undefined)
  })

  it('lets the record go once everything is removed, and once only', () => {
    const purged = after(deleted, [events.purged], later(4))
    const eightDays = 8 * 24 * 60 * 60
    assert.deepEqual(purged.purgeAt, later(4 + eightDays), 'late events still find it deleted')
    assert.equal(purged.dueAt, undefined)
    assert.deepEqual(purged.outbox, [])
    assert.equal(transition(purged, events.purged, later(9)), purged)
    assert.equal(transition(purged, events.purgeDelayed, later(9)), purged)
  })
})

describe('A job whose file has been moved to another storage class', () => {
  it('knows its new generation, and nothing else of it', () => {
    const next = transition(completed, { ...events.moved, generation: '77' }, start)
    assert.deepEqual(next.target, { ...completed.target, generation: '77' })
    assert.equal(next.status, 'MP3_COMPLETED')
  })

  it('knows that of its MP4 too, if it has one', () => {
    const ofVideo = { ...events.moved, file: 'video', generation: '77' } as const
    const { video } = transition(completed, ofVideo, start)
    assert.deepEqual(video, { ...completed.video, generation: '77' })
    const skipped = { ...completed, video: { skipped: 'Its pictures do not fit into an MP4.' } }
    assert.equal(transition(skipped, ofVideo, start), skipped)
  })
})
