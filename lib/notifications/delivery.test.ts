import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { newJobId } from '../jobs/names.ts'
import { completed, failed } from '../jobs/testing.ts'
import { endId, isDeliveryId, retryAt, viewDelivery, type Delivery } from './delivery.ts'

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

describe('A delivery that was not taken', () => {
  it('is tried again after 10 seconds, then after twice as long each time, up to an hour', () => {
    const pauses = [1, 2, 3, 9, 10, 20].map((attempts) => {
      const at = retryAt(delivery(attempts), later(100))
      return at && (at.getTime() - later(100).getTime()) / 1000
    })
    assert.deepEqual(pauses, [10, 20, 40, 2560, 3600, 3600])
  })

  it('is tried for a day', () => {
    assert.deepEqual(retryAt(delivery(20), later(23 * 3600)), later(24 * 3600))
    assert.equal(retryAt(delivery(20), later(23 * 3600 + 1)), undefined)
  })

  it('is not tried again where it is a test', () => {
    const { jobId: _jobId, ...test } = delivery(1)
    assert.equal(retryAt(test, later(1)), undefined)
  })
})

describe('The id of a delivery', () => {
  it('names an end of a job and who is told of it, or is a UUID', () => {
    const end = endId(newJobId(), completed)
    for (const id of [`${end}.mail`, `${end}.${randomUUID()}`, randomUUID()]) assert.ok(isDeliveryId(id), id)
  })

  it('is nothing else: it becomes the name of a record', () => {
    const end = endId(newJobId(), completed)
    for (const id of [
      '',
      '.',
      '..',
      end,
      `${end}.`,
      `${end}.sms`,
      `${end}.mail/x`,
      ` ${end}.mail`,
      `${end}.mail\n`,
    ])
      assert.ok(!isDeliveryId(id), id)
  })
})

describe('A delivery as the API shows it', () => {
  const calling: Delivery = {
    ...delivery(2),
    status: 'WAITING',
    reason: 'It answered 503.',
    reasonCode: 'ANSWERED',
    webhook: { id: 'w', url: 'https://hooks.example.com/' },
    message: { event: 'job.failed', body: '{}' },
    dueAt: later(60),
  }

  it('says what it is about, and when it is tried next, but nothing of what is sent', () => {
    assert.deepEqual(viewDelivery('d', calling), {
      id: 'd',
      jobId: '1',
      via: 'webhook',
      status: 'WAITING',
      reason: 'It answered 503.',
      reasonCode: 'ANSWERED',
      attempts: 2,
      url: 'https://hooks.example.com/',
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      nextAt: '2026-01-01T00:01:00.000Z',
    })
  })

  it("has no next try while it is being sent: the end of a lease is nobody's business", () => {
    assert.equal(viewDelivery('d', { ...calling, status: 'SENDING' }).nextAt, undefined)
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
