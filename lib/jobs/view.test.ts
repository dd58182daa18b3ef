import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Job } from './job.ts'
import {
  after,
  completed,
  creating,
  enqueued,
  events,
  failed,
  later,
  needConvert,
  otherWorker,
  settle,
  start,
  target,
  uploading,
} from './testing.ts'
import type { JobEvent } from './event.ts'
import { transition } from './transition.ts'
import { viewJob, viewWholeJob } from './view.ts'

interface Times {
  start: string
  aviToMp4?: unknown
  mp4ToMp3?: unknown
  totalSeconds?: number
  route: string
}

/** What a client reads. */
const view = (job: Job): Record<string, unknown> =>
  JSON.parse(JSON.stringify(viewJob('some-id', job))) as Record<string, unknown>
const times = (job: Job): Times => view(job)['times'] as Times
const at = (seconds: number): string => later(seconds).toISOString()

/** The job after this has happened to it, one step every ten seconds. */
const everyTenSeconds = (job: Job, happened: JobEvent[], from = 0): Job =>
  happened.reduce((current, event, index) => {
    const now = later(from + 10 * (index + 1))
    return settle(transition(current, event, now), now)
  }, job)

const { uploaded, claimed, remuxed, encoding, handedBack } = events
const steps: JobEvent[] = [uploaded, claimed, remuxed, encoding, events.completed]

describe('A job as the API shows it', () => {
  it('says what its owner may know', () => {
    const { status, filename, video, media, options, size } = completed
    const shown = view(completed)
    assert.equal(shown['id'], 'some-id')
    for (const [field, value] of Object.entries({ status, filename, target, video, media, options, size })) {
      assert.deepEqual(shown[field], value, field)
    }
  })

  it('leaves out what only workers need', () => {
    for (const field of [
      'claim',
      'outbox',
      'dueAt',
      'firstAttempt',
      'sourceGone',
      'purgeAt',
      'storedBytes',
      'active',
    ]) {
      assert.ok(!(field in view({ ...creating, dueAt: start, purgeAt: start })), field)
    }
  })

  it('says whether the uploaded video is still there', () => {
    assert.deepEqual(view(completed)['source'], { ...completed.source, gone: false })
    assert.deepEqual(view({ ...completed, sourceGone: true })['source'], { ...completed.source, gone: true })
  })

  it('says why it failed', () => {
    assert.deepEqual(view(failed)['error'], { code: 'NO_AUDIO', message: 'No sound.' })
    assert.ok(!('error' in view(completed)))
  })

  it('has its timeline as an array, in order, whatever the order of the keys', () => {
    const entries = Object.entries(completed.timeline)
    const shuffled = { ...completed, timeline: Object.fromEntries(entries.toReversed()) }
    const timeline = view(shuffled)['timeline'] as { status: string }[]
    assert.deepEqual(
      timeline.map(({ status }) => status),
      ['UPLOADING', 'ENQUEUED', 'NEED_CONVERT', 'NO_NEED_CONVERT', 'CREATING_MP3', 'MP3_COMPLETED'],
    )
    assert.deepEqual(timeline[0], {
      at: start.toISOString(),
      status: 'UPLOADING',
      function: 'upload',
      instance: 'u',
      attempt: 1,
    })
  })
})

describe('The times of a job', () => {
  it('of an AVI: both conversions, from start to end, and the total', () => {
    const { route, ...rest } = times(everyTenSeconds(uploading, steps))
    assert.deepEqual(rest, {
      start: at(0),
      aviToMp4: { start: at(20), end: at(30) },
      mp4ToMp3: { start: at(40), end: at(50) },
      totalSeconds: 50,
    })
    assert.equal(route, 'upload@u → transcode@worker-1')
  })

  it('of anything else say that it was not an AVI', () => {
    const isAvi = false
    const job = everyTenSeconds(uploading, [uploaded, { ...claimed, isAvi }, encoding, events.completed])
    assert.equal(times(job).aviToMp4, 'not AVI')
    assert.deepEqual(times(job).mp4ToMp3, { start: at(30), end: at(40) })
  })

  it('say only what has begun, and no end before there is one', () => {
    assert.deepEqual(times(uploading), { start: at(0), route: 'upload@u' })
    assert.ok(!('aviToMp4' in times(enqueued)))
    assert.deepEqual(times(everyTenSeconds(uploading, steps.slice(0, 2))).aviToMp4, { start: at(20) })
    const converting = times(everyTenSeconds(uploading, steps.slice(0, 4)))
    assert.deepEqual(converting.mp4ToMp3, { start: at(40) })
    assert.ok(!('totalSeconds' in converting))
  })

  it('of a failed job end with its failure', () => {
    const job = everyTenSeconds(uploading, [uploaded, claimed, remuxed, encoding, events.failed])
    assert.deepEqual(times(job).mp4ToMp3, { start: at(40), end: at(50) })
    assert.equal(times(job).totalSeconds, 50)
  })

  it('are those of the last attempt, but for the start and the total', () => {
    const by = { attempt: 2, actor: otherWorker }
    const second: JobEvent[] = [
      { ...claimed, ...by },
      { ...remuxed, ...by },
      { ...encoding, ...by },
    ]
    const end: JobEvent = { ...events.completed, ...by }
    const job = everyTenSeconds(uploading, [uploaded, claimed, handedBack, ...second, end])
    assert.deepEqual(times(job), {
      start: at(0),
      aviToMp4: { start: at(40), end: at(50) },
      mp4ToMp3: { start: at(60), end: at(70) },
      totalSeconds: 70,
      route: 'upload@u → transcode@worker-1 → work@worker-2',
    })
  })

  it('of a job that waits for its next attempt say nothing of conversions', () => {
    const waiting = times(after(needConvert, [handedBack]))
    assert.ok(!('aviToMp4' in waiting) && !('mp4ToMp3' in waiting) && !('totalSeconds' in waiting))
  })

  it('show every run on the route, once for each time that it had the job', () => {
    const again = [
      { ...claimed, attempt: 2, actor: otherWorker },
      { ...handedBack, attempt: 2, actor: otherWorker },
    ]
    const job = after(after(needConvert, [handedBack, ...again]), [{ ...claimed, attempt: 3 }])
    assert.equal(times(job).route, 'upload@u → transcode@worker-1 → work@worker-2 → transcode@worker-1')
  })
})

describe("A job's waveform", () => {
  const drawn = { ...completed, target: { ...target, waveform: 'AP8=' } }

  it('is in no list or event', () => {
    assert.deepEqual(viewJob('some-id', drawn).target, target)
  })

  it('is in the answer to a question for that job, with all else', () => {
    const { target: whole, ...rest } = viewWholeJob('some-id', drawn)
    assert.deepEqual(whole, { ...target, waveform: 'AP8=' })
    assert.deepEqual({ ...rest, target }, viewJob('some-id', drawn))
  })

  it('is none where there is no MP3, or an older one', () => {
    assert.equal(viewWholeJob('some-id', failed).target, undefined)
    assert.deepEqual(viewWholeJob('some-id', { ...completed, target }).target, target)
  })
})
