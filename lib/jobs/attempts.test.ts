import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Job } from './job.ts'
import {
  after,
  creating,
  enqueued,
  events,
  later,
  leaseSeconds,
  needConvert,
  noNeedConvert,
  otherWorker,
  refusal,
  settle,
  start,
} from './testing.ts'
import { maxAttempts, transition } from './transition.ts'

describe('A claim', () => {
  it('names its holder and lasts as long as the lease', () => {
    assert.deepEqual(needConvert.claim, { instance: 'worker-1', attempt: 1, renewedAt: start })
    assert.deepEqual(needConvert.dueAt, later(leaseSeconds))
  })

  it('of an AVI goes by NEED_CONVERT, of anything else straight to NO_NEED_CONVERT', () => {
    assert.equal(transition(enqueued, events.claimed, start).status, 'NEED_CONVERT')
    assert.equal(transition(enqueued, { ...events.claimed, isAvi: false }, start).status, 'NO_NEED_CONVERT')
  })

  it('begins the encoding where there is nothing else to do or to find out, in both steps', () => {
    const claimed = { ...events.claimed, isAvi: false }
    assert.deepEqual(
      after(enqueued, [{ ...claimed, media: events.encoding.media }]),
      after(enqueued, [claimed, events.encoding]),
    )
    assert.equal(
      after(enqueued, [{ ...events.claimed, media: events.encoding.media }]).status,
      'NEED_CONVERT',
    )
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
