import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isRunning, type Job } from './job.ts'
import { events, later, otherWorker, settle, start, target, uploading, type EventType } from './testing.ts'
import { TransitionError, type JobEvent } from './event.ts'
import { maxAttempts, transition } from './transition.ts'

describe('Whatever happens to a job, in whichever order', () => {
  interface Step {
    event: JobEvent
    /** How far the event's attempt is from the job's. */
    off: number
  }
  const worked = fc.record({
    event: fc.constantFrom<JobEvent>(
      ...Object.values(events),
      { ...events.claimed, actor: otherWorker },
      { ...events.claimed, isAvi: false },
      { ...events.remuxed, video: { skipped: 'It cannot be kept.' } },
      { ...events.handedBack, pauseSeconds: 30 },
      { ...events.completed, target: { ...target, generation: '9' } },
    ),
    off: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.constantFrom(-1, 1)),
  })
  // Deletion ends everything: few of the sequences should begin with it.
  const unlikely: EventType[] = ['deleted', 'purgeDelayed', 'purged']
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 30, arbitrary: worked.filter(({ event }) => !unlikely.includes(event.type)) },
    { weight: 1, arbitrary: worked },
  )
  const steps = fc.array(step, { maxLength: 60, size: 'max' })

  /** Lets it all happen, a second apart, and calls `check` for every step. */
  function run(happened: Step[], check: (before: Job, event: JobEvent, after: Job, now: Date) => void): void {
    let job = uploading
    for (const [index, { event: template, off }] of happened.entries()) {
      const now = later(index + 1)
      const event = 'attempt' in template ? { ...template, attempt: job.attempt + off } : template
      const next = tried(job, event, now)
      check(job, event, next, now)
      job = next
    }
  }

  function tried(job: Job, event: JobEvent, now: Date): Job {
    try {
      const next = transition(job, event, now)
      return next === job ? job : settle(next, now)
    } catch (error) {
      assert.ok(error instanceof TransitionError, String(error))
      return job
    }
  }

  const always = (check: (before: Job, event: JobEvent, after: Job, now: Date) => void): void =>
    fc.assert(
      fc.property(steps, (happened) => run(happened, check)),
      { numRuns: 500 },
    )

  it('its attempts never go back, and a round never has more than five', () => {
    always((before, _event, job) => {
      assert.ok(job.attempt >= before.attempt)
      assert.ok(job.firstAttempt >= before.firstAttempt)
      assert.ok(job.attempt - job.firstAttempt >= 0 && job.attempt - job.firstAttempt < maxAttempts)
    })
  })

  it('a final status is left by a retry or a deletion only, and DELETED never', () => {
    always((before, event, job) => {
      if (before.status === job.status) return
      if (before.status === 'MP3_COMPLETED') assert.equal(event.type, 'deleted')
      if (before.status === 'FAILED') assert.ok(event.type === 'deleted' || event.type === 'retried')
      assert.notEqual(before.status, 'DELETED')
    })
  })

  it('its timeline grows by one exactly when it enters a status, or another attempt', () => {
    always((before, event, job, now) => {
      const [earlier, entries] = [Object.entries(before.timeline), Object.entries(job.timeline)]
      assert.deepEqual(entries.slice(0, earlier.length), earlier, 'what was written stays')
      if (job.status === before.status && job.attempt === before.attempt)
        assert.equal(entries.length, earlier.length)
      else {
        const { status, attempt } = job
        assert.deepEqual(entries.slice(earlier.length), [
          [String(entries.length).padStart(6, '0'), { at: now, status, attempt, ...event.actor }],
        ])
      }
    })
  })

  it('there is a claim exactly while it runs (and on what was deleted while it ran, until the worker is gone)', () => {
    always((_before, _event, job) => {
      if (isRunning(job.status)) assert.equal(job.claim?.attempt, job.attempt)
      else if (job.status !== 'DELETED') assert.equal(job.claim, undefined)
    })
  })

  it('sweep will look at it, unless there is nothing left to do', () => {
    always((_before, _event, job) => {
      if (job.dueAt) return
      assert.deepEqual(job.outbox, [])
      assert.ok(
        job.status === 'DELETED' ? job.purgeAt : job.sourceGone,
        `${job.status} is never looked at again`,
      )
    })
  })

  it('it has an error exactly while it is FAILED (or deleted since), and an MP3 once MP3_COMPLETED', () => {
    always((_before, _event, job) => {
      if (job.status !== 'DELETED') assert.equal(job.error !== undefined, job.status === 'FAILED')
      if (job.status === 'MP3_COMPLETED') assert.ok(job.target && job.progress === 1)
    })
  })

  it('whoever ends it owes its owner a message', () => {
    always((before, _event, job) => {
      const hasEnded = job.status === 'MP3_COMPLETED' || job.status === 'FAILED'
      if (hasEnded && job.status !== before.status)
        assert.deepEqual(job.outbox, [{ topic: 'finished', data: {} }])
    })
  })

  it('it says when it was changed last', () => {
    always((before, _event, job, now) => {
      assert.deepEqual(job.updatedAt, job === before ? before.updatedAt : now)
      assert.deepEqual(job.createdAt, start)
    })
  })

  it("what it takes up of its owner's quota is never less than nothing, and nothing once it is DELETED", () => {
    always((_before, _event, { status, storedBytes = NaN, active }) => {
      assert.ok(Number.isSafeInteger(storedBytes) && storedBytes >= 0, String(storedBytes))
      if (status === 'DELETED') assert.equal(storedBytes, 0)
      assert.equal(active, !['MP3_COMPLETED', 'FAILED', 'DELETED'].includes(status))
    })
  })

  it('repeating an event changes nothing that can be seen', () => {
    always((_before, event, job, now) => {
      const again = tried(job, event, now)
      assert.deepEqual([again.status, again.attempt, again.timeline], [job.status, job.attempt, job.timeline])
    })
  })

  it("an older attempt's word changes nothing", () => {
    always((before, event, job) => {
      if ('attempt' in event && event.attempt < before.attempt) assert.equal(job, before)
    })
  })

  it('from wherever it has got, unless deleted or without its source, a retry and a worker bring it to its end', () => {
    fc.assert(
      fc.property(steps, (happened) => {
        let job = uploading
        run(happened, (_before, _event, next) => (job = next))
        if (job.status === 'DELETED' || job.status === 'MP3_COMPLETED' || job.sourceGone) return
        for (const type of ['uploaded', 'retried', 'claimed', 'remuxed', 'encoding', 'completed'] as const) {
          const event = { ...events[type], attempt: job.attempt } as JobEvent
          job = tried(job, event, later(1000))
        }
        assert.equal(job.status, 'MP3_COMPLETED')
      }),
      { numRuns: 300 },
    )
  })
})
