import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jobStatuses, type Job, type JobStatus } from './job.ts'
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
  newJob,
  noNeedConvert,
  otherWorker,
  settle,
  source,
  sourceDays,
  start,
  target,
  uploading,
  worker,
  type EventType,
} from './testing.ts'
import { TransitionError, type JobEvent, type TransitionErrorReason } from './event.ts'
import { adoptJob, beginJob, uploadSeconds } from './begin.ts'
import { maxAttempts, transition } from './transition.ts'

const sourceSeconds = sourceDays * 24 * 60 * 60

const statusesOf = (job: Job): JobStatus[] =>
  Object.keys(job.timeline)
    .toSorted()
    .flatMap((key) => job.timeline[key]?.status ?? [])

function refusal(job: Job, event: JobEvent): TransitionErrorReason {
  try {
    transition(job, event, start)
  } catch (error) {
    assert.ok(error instanceof TransitionError)
    assert.match(error.message, /^[A-Z].*\.$/, 'a sentence')
    return error.reason
  }
  return assert.fail(`${event.type} of a job that is ${job.status} was not refused`)
}

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

describe('A claim', () => {
  it('names its holder and lasts as long as the lease', () => {
    assert.deepEqual(needConvert.claim, { instance: 'worker-1', attempt: 1, renewedAt: start })
    assert.deepEqual(needConvert.dueAt, later(leaseSeconds))
  })

  it('of an AVI goes by NEED_CONVERT, of anything else straight to NO_NEED_CONVERT', () => {
    assert.equal(transition(enqueued, events.claimed, start).status, 'NEED_CONVERT')
    assert.equal(transition(enqueued, { ...events.claimed, isAvi: false }, start).status, 'NO_NEED_CONVERT')
  })

  for (const job of [needConvert, noNeedConvert, creating]) {
    it(`is refused to a second worker while the job is ${job.status}`, () => {
      assert.equal(refusal(job, { ...events.claimed, actor: otherWorker }), 'claimed')
    })
  }

  it('takes the message that asked for the work off the books', () => {
    const driven = after(enqueued, [events.driven])
    assert.equal(driven.outbox.length, 1)
    assert.deepEqual(after(driven, [events.claimed]).outbox, [])
  })

  it('is renewed with the progress: the lease begins again', () => {
    const now = later(20)
    const renewed = settle(transition(creating, events.renewed, now), now)
    assert.equal(renewed.progress, 0.5)
    assert.deepEqual(renewed.claim, { instance: 'worker-1', attempt: 1, renewedAt: now })
    assert.deepEqual(renewed.dueAt, later(20 + leaseSeconds))
    assert.deepEqual(renewed.timeline, creating.timeline)
  })
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

describe('The fence', () => {
  const second = after(creating, [events.handedBack])
  const secondRunning = after(second, [{ ...events.claimed, attempt: 2, actor: otherWorker }])
  const secondFailed = after(secondRunning, [{ ...events.failed, attempt: 2, actor: otherWorker }])
  const ofAttempt1 = Object.values(events).filter((event) => 'attempt' in event)

  for (const job of [second, secondRunning, secondFailed]) {
    for (const event of ofAttempt1) {
      it(`refuses what attempt 1 says when attempt 2 is ${job.status}: ${event.type}`, () => {
        assert.equal(refusal(job, event), 'stale')
      })
    }
  }

  it('refuses a failure that another delivery of the same attempt has met', () => {
    assert.equal(refusal(secondRunning, { ...events.failed, attempt: 2 }), 'claimed')
  })

  it('refuses an attempt that has not begun', () => {
    assert.equal(refusal(enqueued, { ...events.claimed, attempt: 2 }), 'stale')
  })

  it("lets the next attempt's worker through", () => {
    assert.equal(secondRunning.status, 'NEED_CONVERT')
    assert.equal(secondRunning.attempt, 2)
    assert.equal(secondRunning.claim?.instance, otherWorker.instance)
  })
})

describe('A lost or returned claim', () => {
  it('makes the job ENQUEUED for the next attempt, which is asked for at once', () => {
    const next = after(creating, [events.handedBack])
    assert.equal(next.status, 'ENQUEUED')
    assert.equal(next.attempt, 2)
    assert.equal(next.progress, 0)
    assert.equal(next.claim, undefined)
    assert.deepEqual(next.outbox, [{ topic: 'work', data: { attempt: '2' } }])
    assert.deepEqual(next.dueAt, later(60))
  })

  it('lets the job rest first, where that is wanted: then sweep asks for the attempt', () => {
    const next = after(creating, [{ ...events.handedBack, pauseSeconds: 30 }])
    assert.deepEqual(next.outbox, [])
    assert.deepEqual(next.dueAt, later(30))
    const driven = after(next, [events.driven], later(31))
    assert.deepEqual(driven.outbox, [{ topic: 'work', data: { attempt: '2' } }])
    assert.deepEqual(driven.dueAt, later(31 + 600))
  })

  it('waits ten minutes for the worker once the message is published', () => {
    const next = after(creating, [events.handedBack, events.published])
    assert.deepEqual(next.outbox, [])
    assert.deepEqual(next.dueAt, later(600))
  })

  /** Claims the present attempt, and loses it. */
  const lose = (job: Job): Job => {
    const { attempt } = job
    return after(job, [
      { ...events.claimed, attempt },
      { ...events.handedBack, attempt },
    ])
  }

  it(`ends the job as FAILED, GAVE_UP, at the fifth attempt`, () => {
    assert.equal(maxAttempts, 5)
    let job = enqueued
    for (let attempt = 1; attempt < 5; attempt++) {
      job = lose(job)
      assert.deepEqual([job.status, job.attempt], ['ENQUEUED', attempt + 1])
    }
    const given = lose(job)
    assert.deepEqual([given.status, given.attempt, given.error?.code], ['FAILED', 5, 'GAVE_UP'])
    assert.match(given.error?.message ?? '', /5 times/)
    assert.deepEqual(given.outbox, [{ topic: 'finished', data: {} }])
    assert.equal(given.claim, undefined)
  })

  it('after a retry has five attempts again', () => {
    let job = enqueued
    while (job.status !== 'FAILED') job = lose(job)
    job = after(job, [events.retried])
    assert.deepEqual([job.attempt, job.firstAttempt], [6, 6])
    let losses = 0
    for (; job.status !== 'FAILED'; losses++) job = lose(job)
    assert.equal(losses, 5)
    assert.equal(job.attempt, 10)
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

describe("What a job takes up of its owner's quota", () => {
  const { size: sourceBytes } = source
  const videoBytes = 300
  const withVideo = after(needConvert, [{ ...events.remuxed, video: { ...source, size: videoBytes } }])
  const done = after(withVideo, [events.encoding, events.completed])
  const abandoned = after(uploading, [{ ...events.failed, code: 'UPLOAD_ABANDONED' }])
  const failedWithVideo = after(withVideo, [events.failed])
  const begun = (sizes: { size: number; reservedBytes?: number }): Job =>
    settle(beginJob({ ...newJob, ...sizes }, 'session', worker, start), start)

  const expected: [what: string, job: Job, storedBytes: number, active: boolean][] = [
    ['what was declared, while that is on its way', begun({ size: 700 }), 700, true],
    ['what is reserved, while the size is not known', begun({ size: 0, reservedBytes: 900 }), 900, true],
    [
      'the video as it is, once it is there',
      after(begun({ size: 700 }), [events.uploaded]),
      sourceBytes,
      true,
    ],
    ['the video, while it is converted', creating, 2 * sourceBytes, true],
    ['the MP4 as well', withVideo, sourceBytes + videoBytes, true],
    [
      'no MP4 where there is none',
      after(needConvert, [{ ...events.remuxed, video: { skipped: 'No.' } }]),
      sourceBytes,
      true,
    ],
    ['video, MP4 and MP3 in the end, but no job', done, sourceBytes + videoBytes + target.size, false],
    [
      'MP4 and MP3 once the video has expired',
      after(done, [events.sourceExpired]),
      videoBytes + target.size,
      false,
    ],
    ['video and MP4 when it has failed', failedWithVideo, sourceBytes + videoBytes, false],
    [
      'a job again when it is retried',
      after(failedWithVideo, [events.retried]),
      sourceBytes + videoBytes,
      true,
    ],
    ['nothing when its upload was given up', abandoned, 0, false],
    ['everything when that comes in after all', after(abandoned, [events.uploaded]), sourceBytes, true],
    [
      'the video at once where it came by itself',
      settle(adoptJob({ ...newJob, source }, worker, start), start),
      sourceBytes,
      true,
    ],
    ['nothing from its deletion on', after(done, [events.deleted]), 0, false],
    ['nothing when it is deleted on its way', after(begun({ size: 700 }), [events.deleted]), 0, false],
  ]
  for (const [what, job, storedBytes, active] of expected) {
    it(`is ${what}`, () => assert.deepEqual([job.storedBytes, job.active], [storedBytes, active]))
  }

  it('is written as soon as a job changes that was made before there were quotas', () => {
    const { storedBytes: _storedBytes, active: _active, ...old } = failedWithVideo
    const changed = after(old, [events.sourceExpired])
    assert.deepEqual([changed.storedBytes, changed.active], [videoBytes, false])
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

describe('A try that does not count', () => {
  it('never makes a job give up', () => {
    let job: Job = enqueued
    for (let attempt = 1; attempt <= 20; attempt++) {
      job = after(job, [
        { ...events.claimed, attempt },
        { ...events.handedBack, attempt, uncounted: true },
      ])
    }
    assert.equal(job.status, 'ENQUEUED')
    assert.equal(job.attempt, 21)
  })

  it('of somebody else’s claim is refused, unless the claim is over', () => {
    const other = { ...events.handedBack, actor: otherWorker }
    assert.equal(refusal(creating, other), 'claimed')
    assert.equal(after(creating, [{ ...other, leaseOver: true }]).status, 'ENQUEUED')
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
