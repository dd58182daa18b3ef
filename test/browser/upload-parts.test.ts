import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { JobView } from '../../lib/jobs/view.ts'
import { objectionTo } from '../../web/uploads/check.ts'
import { Meter } from '../../web/uploads/meter.ts'
import { ProgressTeller } from '../../web/uploads/progress.ts'
import {
  isDear,
  isGoing,
  shownAsUploads,
  summarize,
  type Progress,
  type Upload,
  type UploadState,
} from '../../web/uploads/upload.ts'

const upload = (state: UploadState, change: Partial<Upload> = {}): Upload => ({
  id: 1,
  filename: 'film.mp4',
  size: 1000,
  options: {},
  state,
  ...change,
})

describe('The meter of an upload', () => {
  it('says nothing before there is enough to go by', () => {
    const meter = new Meter(1000)
    assert.equal(meter.read(0, 10), undefined)
    assert.equal(meter.read(100, 11), undefined)
    assert.deepEqual(meter.read(200, 12), { bytesPerSecond: 100, secondsLeft: 8 })
  })

  it('forgets what was long ago', () => {
    const meter = new Meter(100_000)
    for (let second = 0; second <= 20; second += 1) meter.read(second * 1000, second)
    for (let second = 21; second <= 40; second += 1) meter.read(20_000 + (second - 20) * 10, second)
    assert.deepEqual(meter.read(20_210, 41), { bytesPerSecond: 10, secondsLeft: 79_790 / 10 })
  })

  it('begins anew where bytes have to be sent again', () => {
    const meter = new Meter(1000)
    meter.read(0, 0)
    meter.read(800, 4)
    assert.equal(meter.read(400, 5), undefined)
    assert.deepEqual(meter.read(500, 7), { bytesPerSecond: 50, secondsLeft: 10 })
  })

  it('says nothing while nothing moves', () => {
    const meter = new Meter(1000)
    meter.read(300, 0)
    assert.equal(meter.read(300, 5), undefined)
  })
})

describe('How an upload is going', () => {
  /** What is told of an upload of 1,000 bytes on which these have arrived, at these seconds. */
  function tell(heard: [seconds: number, sentBytes: number | 'interrupted' | 'tick'][]): Progress[] {
    const told: Progress[] = []
    let now = 0
    const telling = new ProgressTeller(
      1000,
      (progress) => told.push(progress),
      () => now,
    )
    // Here the clock is the test's.
    telling.stop()
    for (const [seconds, what] of heard) {
      now = seconds
      if (what === 'tick') telling.tick()
      else if (what === 'interrupted') telling.hear({ sentBytes: 100, isInterrupted: true })
      else telling.hear({ sentBytes: what, isInterrupted: false })
    }
    return told
  }

  it('is told once for all that happens between two ticks', () => {
    const told = tell([
      [0, 10],
      [0.1, 20],
      [0.2, 30],
      [0.25, 'tick'],
      [0.5, 'tick'],
    ])
    assert.deepEqual(
      told.map(({ sentBytes }) => sentBytes),
      [30],
    )
  })

  it('is no speed but a silence within a few seconds of nothing', () => {
    const told = tell([
      [0, 100],
      [0, 'tick'],
      [2, 300],
      [2, 'tick'],
      [4, 'tick'],
      [5, 'tick'],
      [5.5, 'tick'],
      [6, 'tick'],
    ])
    assert.deepEqual(
      told.map(({ pace, silentSeconds }) => [pace?.bytesPerSecond, silentSeconds]),
      [
        [undefined, undefined],
        [100, undefined],
        [undefined, 3],
        [undefined, 4],
      ],
    )
  })

  it('is told at once where it is interrupted, and where all of it has left', () => {
    const told = tell([
      [1, 'interrupted'],
      [2, 1000],
    ])
    assert.deepEqual(
      told.map(({ sentBytes, isInterrupted }) => [sentBytes, isInterrupted]),
      [
        [100, true],
        [1000, false],
      ],
    )
    // What is all there waits for its answer; that is no stall.
    assert.equal(
      tell([
        [0, 1000],
        [9, 'tick'],
      ]).at(-1)?.silentSeconds,
      undefined,
    )
  })
})

describe('What is said of several uploads', () => {
  const going = upload({
    phase: 'sending',
    sentBytes: 400,
    isInterrupted: false,
    pace: { bytesPerSecond: 100, secondsLeft: 6 },
  })

  it('adds up those that are not over', () => {
    const paused = upload({ phase: 'paused', sentBytes: 100 })
    const waiting = upload({ phase: 'waiting' }, { size: 2000 })
    const others: UploadState[] = [
      { phase: 'sent' },
      { phase: 'failed', error: new Error('no') },
      { phase: 'orphaned', isKept: false },
      { phase: 'refused', objection: { kind: 'unreadable' } },
    ]
    assert.deepEqual(summarize([going, paused, waiting, ...others.map((state) => upload(state))]), {
      files: 3,
      bytes: 4000,
      sentBytes: 500,
      bytesPerSecond: 100,
      // What is paused is not waited for.
      secondsLeft: 26,
    })
  })

  it('promises no end while nothing moves', () => {
    const summary = summarize([upload({ phase: 'sending', sentBytes: 1, isInterrupted: true })])
    assert.equal(summary.secondsLeft, undefined)
    assert.deepEqual(summarize([]), { files: 0, bytes: 0, sentBytes: 0, bytesPerSecond: 0 })
  })

  it('knows what leaving the page would break off', () => {
    const paused = upload({ phase: 'paused', sentBytes: 0 })
    assert.deepEqual([going, paused, upload({ phase: 'sent' })].map(isGoing), [true, true, false])
  })
})

describe('An upload that is cancelled', () => {
  const sent = (sentBytes: number, size: number): Upload => upload({ phase: 'paused', sentBytes }, { size })

  it('is asked about where much of it has been sent', () => {
    assert.equal(isDear(sent(100_000_001, 1e9)), true)
    assert.equal(isDear(sent(16_000_000, 30_000_000)), true)
    assert.equal(isDear(upload({ phase: 'orphaned', isKept: false }, { size: 1e9, jobId: 'j' })), true)
  })

  it('is not where that is sent again in a moment', () => {
    assert.equal(isDear(sent(14_000_000, 30_000_000)), false)
    assert.equal(isDear(sent(8_000_000, 9_000_000)), false)
    assert.equal(isDear(upload({ phase: 'orphaned', isKept: false }, { size: 1e9 })), false)
    assert.equal(isDear(upload({ phase: 'sent' }, { size: 1e9 })), false)
  })
})

describe('Jobs that are shown as uploads', () => {
  // Nothing else of a job is looked at.
  const job = (change: Partial<JobView>): JobView =>
    ({ id: 'j', status: 'UPLOADING', filename: 'film.mp4', size: 1000, ...change }) as JobView
  const opening = upload({ phase: 'sending', sentBytes: 0, isInterrupted: false })

  it('are those that they belong to', () => {
    const isShown = shownAsUploads([upload({ phase: 'paused', sentBytes: 9 }, { jobId: 'j' })])
    assert.equal(isShown(job({})), true)
    assert.equal(isShown(job({ id: 'other' })), false)
  })

  it('include one whose session is being opened, as far as anybody can tell', () => {
    const isShown = shownAsUploads([opening])
    assert.equal(isShown(job({})), true)
    for (const change of [{ size: 999 }, { filename: 'other.mp4' }, { status: 'FAILED' as const }])
      assert.equal(isShown(job(change)), false, JSON.stringify(change))
    assert.equal(shownAsUploads([upload({ phase: 'waiting' })])(job({})), false)
  })
})

describe('A file that was picked', () => {
  const video = new Blob(['\0\0\0\x20ftypisom', 'x'.repeat(100)])

  it('passes where it begins as a video does, and is not too large', async () => {
    assert.equal(await objectionTo(video, undefined), undefined)
    assert.equal(await objectionTo(video, video.size), undefined)
  })

  it('is refused where it is too large', async () => {
    const mostBytes = video.size - 1
    assert.deepEqual(await objectionTo(video, mostBytes), { kind: 'tooLarge', size: video.size, mostBytes })
  })

  it('is refused where it is no video, and what it looks like is said', async () => {
    for (const [content, looksLike] of [
      ['', 'empty'],
      ['Buy milk.', 'text'],
      ['%PDF-1.7\n\0\0', 'pdf'],
    ] as const)
      assert.deepEqual(await objectionTo(new Blob([content]), undefined), { kind: 'noVideo', looksLike })
  })

  for (const [name, kind] of [
    ['NotFoundError', 'gone'],
    ['NotReadableError', 'unreadable'],
  ] as const)
    it(`is refused where it cannot be read: ${name}`, async () => {
      const file = new Blob(['x'])
      const arrayBuffer = (): Promise<never> => Promise.reject(new DOMException('It cannot be read.', name))
      file.slice = () => Object.assign(new Blob([]), { arrayBuffer })
      assert.deepEqual(await objectionTo(file, undefined), { kind })
    })
})
