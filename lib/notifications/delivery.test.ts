import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { completed, failed } from '../jobs/testing.ts'
import { endId, retryAt, type Delivery } from './delivery.ts'

const start = new Date('2026-01-01T00:00:00Z')
const later = (seconds: number): Date => new Date(start.getTime() + seconds * 1000)
const delivery = (attempts: number): Delivery => ({
  owner: 'somebody',
  jobId: '1',
  via: 'webhook',
  status: 'SENDING',
  attempts,
  createdAt: start,
  updatedAt: start,
  purgeAt: later(1e7),
})

describe('A webhook that does not take a delivery', () => {
  it('is called again after 30 seconds, then after twice as long each time, up to an hour', () => {
    const pauses = [1, 2, 3, 7, 8, 20].map((attempts) => {
      const at = retryAt(delivery(attempts), later(100))
      return at && (at.getTime() - later(100).getTime()) / 1000
    })
    assert.deepEqual(pauses, [30, 60, 120, 1920, 3600, 3600])
  })

  it('is called for a day', () => {
    assert.deepEqual(retryAt(delivery(20), later(23 * 3600)), later(24 * 3600))
    assert.equal(retryAt(delivery(20), later(23 * 3600 + 1)), undefined)
  })
})

describe('The end of a job', () => {
  it('has a name of its own, and another one when the job ends again', () => {
    assert.equal(endId('1', completed), endId('1', completed))
    const again = { ...failed, timeline: { ...failed.timeline, ...{ '000099': failed.timeline['000001'] } } }
    assert.notEqual(endId('1', failed), endId('1', again as typeof failed))
    assert.notEqual(endId('1', failed), endId('2', failed))
  })
})
