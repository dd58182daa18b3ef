import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { waitSeconds, withFailure, withoutFailure, type Throttle } from './throttle.ts'

const start = new Date('2026-11-20T12:00:00Z')
const after = (seconds: number): Date => new Date(start.getTime() + seconds * 1000)

/** What a store holds after failures at these seconds. */
function failedAt(...seconds: number[]): Throttle | undefined {
  let throttle: Throttle | undefined
  for (const second of seconds) {
    const { failures, purgeAt } = withFailure(throttle, after(second))
    assert.ok(purgeAt instanceof Date)
    throttle = { failures, purgeAt, lastAt: after(second) }
  }
  return throttle
}
const failures = (count: number): Throttle | undefined => failedAt(...Array.from({ length: count }, () => 0))

describe('Wrong passwords', () => {
  it('cost nothing at first', () => {
    for (const count of [0, 1, 4]) assert.equal(waitSeconds(failures(count), 5, start), 0)
  })

  it('then cost a wait that doubles, up to a minute', () => {
    const waits = [5, 6, 7, 8, 9, 10, 11, 12, 1000].map((count) => waitSeconds(failures(count), 5, start))
    assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60])
  })

  it('cost it from the last one on, and then no more', () => {
    const throttle = failures(8)
    assert.equal(waitSeconds(throttle, 5, after(7.5)), 0.5)
    assert.equal(waitSeconds(throttle, 5, after(8)), 0)
    assert.equal(waitSeconds(throttle, 5, after(9)), 0)
  })

  it('are forgotten once there was none for a quarter of an hour', () => {
    assert.equal(failedAt(0, 1, 2)?.failures, 3)
    assert.equal(failedAt(0, 899)?.failures, 2)
    assert.equal(failedAt(0, 900)?.failures, 1)
    assert.equal(waitSeconds(failedAt(0, 0, 0), 1, after(900)), 0)
  })

  it('can be taken back, one by one', () => {
    assert.equal(withoutFailure(failures(3))?.failures, 2)
    assert.equal(withoutFailure(failures(1)), undefined)
    assert.equal(withoutFailure(undefined), undefined)
  })
})
