import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { JobView } from '../../lib/jobs/view.ts'
import { formatStep, stepsOf } from '../../web/job/steps.ts'
import { barsOf, gridFor, heightsOf, resample } from '../../web/job/waveform.ts'
import { forEach } from '../../web/jobs/bulk.ts'
import { everything, matcher, type Query } from '../../web/jobs/query.ts'
import { progressOf, secondsLeft } from '../../web/jobs/status.ts'

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString()

type Entry = JobView['timeline'][number]
const entry = (seconds: number, status: Entry['status'], attempt = 1): Entry => ({
  at: at(seconds),
  status,
  attempt,
  function: 'transcode',
  instance: 'one',
})

const job = (change: Partial<JobView> = {}): JobView => ({
  id: 'some-id',
  owner: 'someone',
  contentType: 'video/mp4',
  options: {},
  timeline: [entry(0, 'UPLOADING'), entry(10, 'CREATING_MP3')],
  filename: 'film.mp4',
  size: 1000,
  status: 'CREATING_MP3',
  progress: 0,
  warnings: [],
  source: { bucket: 'source', name: 'uploads/some-id', gone: false },
  attempt: 1,
  times: { route: '' },
  createdAt: at(0),
  updatedAt: at(10),
  ...change,
})

describe("A job's steps", () => {
  const drawn = (timeline: Entry[], updatedAt = at(0), now = at(0)) =>
    stepsOf({ timeline, updatedAt }, Date.parse(now)).map(({ status, from, seconds, isOpen, attempt }) => ({
      status,
      from,
      seconds,
      isOpen,
      attempt,
    }))

  it('last each until the next begins', () => {
    const timeline = [entry(5, 'UPLOADING'), entry(7, 'CREATING_MP3'), entry(10, 'MP3_COMPLETED')]
    assert.deepEqual(drawn(timeline), [
      { status: 'UPLOADING', from: 0, seconds: 2, isOpen: false, attempt: 1 },
      { status: 'CREATING_MP3', from: 2, seconds: 3, isOpen: false, attempt: 1 },
    ])
  })

  for (const [updatedAt, now] of [
    [at(1), at(4)],
    [at(4), at(2)],
  ])
    it('go on, the last of them, until now, or until the job was heard of, where clocks differ', () => {
      assert.deepEqual(drawn([entry(0, 'ENQUEUED'), entry(1, 'NEED_CONVERT')], updatedAt, now).at(-1), {
        status: 'NEED_CONVERT',
        from: 1,
        seconds: 3,
        isOpen: true,
        attempt: 1,
      })
    })

  it('leave out the time in which it had failed', () => {
    const timeline = [
      entry(0, 'ENQUEUED'),
      entry(2, 'FAILED'),
      entry(90_000, 'ENQUEUED', 2),
      entry(90_001, 'CREATING_MP3', 2),
      entry(90_004, 'MP3_COMPLETED', 2),
    ]
    assert.deepEqual(
      drawn(timeline).map(({ from, seconds, attempt }) => [from, seconds, attempt]),
      [
        [0, 2, 1],
        [2, 1, 2],
        [3, 3, 2],
      ],
    )
  })

  it('are none where nothing is told, and never take less than no time', () => {
    assert.deepEqual(drawn([]), [])
    assert.equal(drawn([entry(5, 'ENQUEUED')], at(3))[0]?.seconds, 0)
  })
})

describe('How long a step took', () => {
  it('is said as precisely as of the other steps', () => {
    const said = (...all: number[]): string[] => all.map((seconds) => formatStep(seconds, Math.max(...all)))
    assert.deepEqual(said(0.913, 0.361, 6.259, 0.016, 0.004), [
      '0.91 s',
      '0.36 s',
      '6.26 s',
      '0.02 s',
      '< 0.01 s',
    ])
    assert.deepEqual(said(0.4, 61, 3725), ['< 0:01', '1:01', '1:02:05'])
  })
})

describe('A waveform', () => {
  it('is a height for each byte', () => {
    assert.deepEqual(heightsOf(Buffer.from([0, 51, 255]).toString('base64')), [0, 0.2, 1])
    assert.deepEqual(heightsOf(''), [])
  })

  it('is drawn as a bar for each, about the middle, of which silence leaves a little', () => {
    const grid = { bar: 2, pitch: 3, count: 3 }
    assert.equal(barsOf([1, 0.5, 0], grid), 'M0 0.000h2v2.000h-2zM3 0.500h2v1.000h-2zM6 0.970h2v0.060h-2z')
    assert.equal(barsOf([], grid), '')
  })

  it('has as many bars as there is room for, each as high as the highest in its place', () => {
    assert.deepEqual(resample([0.1, 0.9, 0.2, 0.3], 2), [0.9, 0.3])
    assert.deepEqual(resample([0.1, 0.9], 4), [0.1, 0.1, 0.9, 0.9])
    assert.deepEqual(resample([0, 1, 0], 2), [1, 1])
    assert.deepEqual(resample([], 2), [0, 0])
  })

  it('has bars and gaps of whole pixels, on every screen, and none beyond its end', () => {
    assert.deepEqual(gridFor(300, 1), { bar: 2, pitch: 3, count: 100 })
    assert.deepEqual(gridFor(300, 2), { bar: 4, pitch: 6, count: 100 })
    for (const ratio of [0.5, 1, 1.25, 1.5, 2.625, 3])
      for (const width of [0, 1, 99.5, 681.3]) {
        const { bar, pitch, count } = gridFor(width, ratio)
        assert.ok([bar, pitch, count].every(Number.isInteger) && bar >= 1 && pitch > bar)
        assert.ok(count === 0 || (count - 1) * pitch + bar <= width * ratio, `${width} ${ratio}`)
      }
  })
})

describe('The time that a job still takes', () => {
  it('is what is left of its step, at the pace so far', () => {
    assert.equal(secondsLeft(job({ progress: 0.25, updatedAt: at(40) })), 90)
  })

  it('is not told too early, nor once it is over', () => {
    assert.equal(secondsLeft(job({ progress: 0.01, updatedAt: at(40) })), undefined)
    assert.equal(secondsLeft(job({ progress: 0.5 })), undefined)
    assert.equal(secondsLeft(job({ progress: 0.5, timeline: [], updatedAt: at(40) })), undefined)
    for (const status of ['FAILED', 'MP3_COMPLETED'] as const)
      assert.equal(secondsLeft(job({ status, progress: 0.5, updatedAt: at(40) })), undefined)
  })

  it('goes with a progress, which may be unknown', () => {
    assert.equal(progressOf(job({ progress: 0.5 })), 0.5)
    assert.equal(progressOf(job()), 'unknown')
    assert.equal(progressOf(job({ status: 'UPLOADING' })), undefined)
    assert.equal(progressOf(job({ status: 'FAILED' })), undefined)
  })
})

describe('A question for jobs', () => {
  const matches = (
    query: Partial<Query>,
    isWhole: boolean,
    filename = 'film.mp4',
    self = 'someone',
  ): boolean => matcher({ ...everything, ...query }, { isWhole, self })(job({ filename }))

  it('is answered by those of a status whose names begin so', () => {
    assert.ok(matches({}, false))
    assert.ok(matches({ filename: 'fi', status: 'CREATING_MP3' }, false))
    assert.ok(!matches({ filename: 'ilm' }, false))
    assert.ok(!matches({ filename: 'Film' }, false))
    assert.ok(!matches({ filename: 'fi', status: 'FAILED' }, false))
  })

  it('is answered, where all are known, by those that have it anywhere in their names, in whichever case', () => {
    assert.ok(matches({}, true))
    assert.ok(matches({ filename: 'ILM' }, true))
    assert.ok(!matches({ filename: 'limf' }, true))
    assert.ok(!matches({ filename: 'ilm', status: 'FAILED' }, true))
  })

  it('is answered however letters are put together, also while a Korean one is not complete', () => {
    const [composed, apart] = ['한글.mp4'.normalize('NFC'), '한글.mp4'.normalize('NFD')]
    for (const filename of [composed, apart])
      for (const asked of [composed, apart, '글', '하'])
        assert.ok(matches({ filename: asked }, true, filename))
    assert.ok(matches({ filename: '한'.normalize('NFD') }, false, composed))
  })

  it("is answered by one's own, unless everybody's are asked for", () => {
    assert.ok(!matches({}, true, 'film.mp4', 'somebody else'))
    assert.ok(matches({ isEverybodys: true }, true, 'film.mp4', 'somebody else'))
  })
})

describe('Doing something to many', () => {
  it('goes on after failures, and says which they were', async () => {
    const refused = new Error('No.')
    const result = await forEach([1, 2, 3, 4, 5, 6], async (item) => {
      await setImmediate()
      if (item % 3 === 0) throw refused
    })
    assert.deepEqual(result.done, [1, 2, 4, 5])
    assert.deepEqual(result.failed, [
      { item: 3, error: refused },
      { item: 6, error: refused },
    ])
  })

  it('does four at once', async () => {
    let running = 0
    let most = 0
    await forEach(Array.from({ length: 50 }), async () => {
      running += 1
      most = Math.max(most, running)
      await setImmediate()
      running -= 1
    })
    assert.equal(most, 4)
  })

  it('tells how far it is, and begins no more once it is to stop', async () => {
    const stopping = new AbortController()
    const told: number[] = []
    const result = await forEach(Array.from({ length: 50 }), () => setImmediate(), {
      signal: stopping.signal,
      onProgress(count) {
        told.push(count)
        if (count === 6) stopping.abort()
      },
    })
    // Those that had been begun by then are ended.
    assert.deepEqual(told, [1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert.equal(result.done.length, 9)
  })
})
