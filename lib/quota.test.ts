import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Problem } from './problems.ts'
import { limitsOf, whyNoPlace, whyNoRoom, whyTooLarge, withChange } from './quota.ts'

describe('The limits of an account', () => {
  const defaults = { storedBytes: 1000, jobs: 5 }

  it('are the default ones, as far as there are some', () => {
    assert.deepEqual(limitsOf(defaults), defaults)
    assert.deepEqual(limitsOf({}), {})
  })

  it('are its own where it has some, more or less than the default', () => {
    assert.deepEqual(limitsOf(defaults, { storedBytes: 2000, jobs: 1, fileBytes: 10 }), {
      storedBytes: 2000,
      jobs: 1,
      fileBytes: 10,
    })
  })

  it('do not hold where they are unlimited', () => {
    assert.deepEqual(limitsOf(defaults, { storedBytes: 'unlimited', fileBytes: 'unlimited' }), { jobs: 5 })
  })
})

describe("A change of an account's own limits", () => {
  const own = { storedBytes: 2000, jobs: 'unlimited' } as const

  it('leaves those that it says nothing of', () => {
    assert.deepEqual(withChange(own, { fileBytes: 10 }), { ...own, fileBytes: 10 })
    assert.deepEqual(withChange(own, {}), own)
  })

  it('replaces those that it names', () => {
    assert.deepEqual(withChange(own, { storedBytes: 'unlimited', jobs: 3 }), {
      storedBytes: 'unlimited',
      jobs: 3,
    })
  })

  it('takes those that are null back to the default; with the last one, nothing is left', () => {
    assert.deepEqual(withChange(own, { jobs: null }), { storedBytes: 2000 })
    assert.equal(withChange(own, { storedBytes: null, jobs: null }), undefined)
    assert.equal(withChange(undefined, { jobs: null }), undefined)
  })
})

describe('A limit', () => {
  it('that is not set refuses nothing', () => {
    assert.equal(whyTooLarge({}, Number.MAX_SAFE_INTEGER, 'exactly'), undefined)
    assert.equal(whyNoRoom({}, Number.MAX_SAFE_INTEGER, 1), undefined)
    assert.equal(whyNoPlace({}, 1_000_000), undefined)
  })

  it('of the size of a file is met exactly, and not by one byte more', () => {
    const limits = { fileBytes: 2_000_000_000 }
    assert.equal(whyTooLarge(limits, 2_000_000_000, 'exactly'), undefined)
    const problem = whyTooLarge(limits, 2_000_000_001, 'exactly')
    assert.deepEqual([problem?.code, problem?.status], ['FILE_TOO_LARGE', 413])
  })

  it('of what is stored is met exactly, and not by one byte more', () => {
    const limits = { storedBytes: 10_000_000_000 }
    assert.equal(whyNoRoom(limits, 9_500_000_000, 500_000_000), undefined)
    const problem = whyNoRoom(limits, 9_500_000_000, 500_000_001)
    assert.deepEqual([problem?.code, problem?.status], ['STORAGE_QUOTA_EXCEEDED', 403])
  })

  it('of the jobs at once is met exactly, and not by one job more', () => {
    assert.equal(whyNoPlace({ jobs: 20 }, 19), undefined)
    const problem = whyNoPlace({ jobs: 20 }, 20)
    assert.deepEqual([problem?.code, problem?.status], ['TOO_MANY_JOBS', 429])
    assert.match(problem?.extras.headers?.['Retry-After'] ?? '', /^[1-9]\d*$/)
  })

  it('may have been lowered below what there is', () => {
    assert.equal(whyNoPlace({ jobs: 1 }, 3)?.code, 'TOO_MANY_JOBS')
    assert.equal(whyNoRoom({ storedBytes: 1 }, 5, 1)?.code, 'STORAGE_QUOTA_EXCEEDED')
  })
})

describe('Whoever is refused reads', () => {
  const refusals: [problem: Problem | undefined, sentence: string][] = [
    [
      whyTooLarge({ fileBytes: 2e9 }, 5e9, 'exactly'),
      'The video has 5 GB; your account may upload files of at most 2 GB.',
    ],
    [
      whyTooLarge({ fileBytes: 2e9 }, 2e9 + 1, 'exactly'),
      'The video has 2,000,000,001 bytes; your account may upload files of at most 2,000,000,000 bytes.',
    ],
    [
      whyTooLarge({ fileBytes: 2e9 }, 5e9, 'at least'),
      'The video has at least 5 GB; your account may upload files of at most 2 GB.',
    ],
    [
      whyNoRoom({ storedBytes: 10e9 }, 9.5e9, 1.2e9),
      'You have stored 9.5 GB of 10 GB; this video needs 1.2 GB more. Delete files that you no longer need, or ask an administrator for more room.',
    ],
    [
      whyNoPlace({ jobs: 20 }, 20),
      'This account has 20 unfinished jobs, and may have 20 at once. Wait until one has ended, or delete one: uploads that were not finished count, too.',
    ],
    [
      whyNoPlace({ jobs: 1 }, 1),
      'This account has 1 unfinished job, and may have 1 at once. Wait until one has ended, or delete one: uploads that were not finished count, too.',
    ],
  ]
  for (const [problem, sentence] of refusals) {
    it(sentence, () => assert.equal(problem?.message, sentence))
  }
})
