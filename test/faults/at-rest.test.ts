import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isQuiet, stillToCome } from './at-rest.ts'
import type { Entry } from './journal.ts'
import type { Stored } from './stored.ts'
import { access, at, endedJob, evidence, id, mailOf, mp3, tiered } from './testing.ts'

/** What is still to come once this has changed. */
function toCome(change: (stored: Stored) => void, options: { seconds?: number } = {}): string[] {
  const { stored } = evidence()
  change(stored)
  const { seconds = 0 } = options
  const now = new Date(at.getTime() + seconds * 1000)
  return stillToCome(stored, { accepted: new Set([id]), now })
}

describe('What is still to come', () => {
  it('is nothing, where all is over', () => {
    assert.deepEqual(
      toCome(() => undefined),
      [],
    )
  })
  it('is a job that is not over, that owes something, or of which nobody is told', () => {
    assert.deepEqual(
      toCome(({ jobs }) => void jobs.set(id, endedJob('ENQUEUED'))),
      [`${id} is ENQUEUED`],
    )
    assert.deepEqual(
      toCome(({ jobs }) => void jobs.set(id, endedJob('UPLOADING'))),
      [`${id} is UPLOADING`],
    )
    const owing = endedJob('MP3_COMPLETED', { outbox: [{ topic: 'finished', data: {} }] })
    assert.deepEqual(
      toCome(({ jobs }) => void jobs.set(id, owing)),
      [`${id} owes finished`],
    )
    assert.deepEqual(
      toCome(({ deliveries }) => deliveries.clear()),
      [`${id} has ended (MP3_COMPLETED), and nobody is told`],
    )
  })
  it('is no upload of which nobody was told that it is there', () => {
    const other = id.replace(/1$/, '2')
    assert.deepEqual(
      toCome(({ jobs }) => void jobs.set(other, endedJob('UPLOADING'))),
      [],
    )
  })
  it('is what a deleted job has stored', () => {
    assert.deepEqual(
      toCome(({ jobs }) => void jobs.set(id, endedJob('DELETED'))),
      [`${id} is deleted, and what it has stored is not`],
    )
    assert.deepEqual(
      toCome(({ jobs }) => void jobs.set(id, endedJob('DELETED', { purgeAt: at }))),
      [],
    )
  })
  it('is a mail that waits, or has been sent for seconds; not one whose sender must be dead', () => {
    const mail = `${id}.1.mail`
    const set =
      (status: 'WAITING' | 'SENDING') =>
      ({ deliveries }: Stored) =>
        void deliveries.set(mail, mailOf(status))
    assert.deepEqual(toCome(set('WAITING')), [`the delivery ${mail} is WAITING`])
    assert.deepEqual(toCome(set('SENDING'), { seconds: 9 }), [`the delivery ${mail} is SENDING`])
    assert.deepEqual(toCome(set('SENDING'), { seconds: 11 }), [])
  })
  it('is an access that is not counted, of an object that there is', () => {
    const uncounted = { ...access(), counted: false }
    assert.deepEqual(
      toCome(({ accesses }) => void accesses.set('new', uncounted)),
      [`the access new of ${mp3} is not counted`],
    )
    const gone = ({ accesses, tieredObjects }: Stored): void => {
      accesses.set('new', uncounted)
      tieredObjects.delete(mp3)
    }
    assert.deepEqual(toCome(gone), [])
  })
  it('is another look for accesses', () => {
    const looked = ({ tieredObjects }: Stored): void =>
      void tieredObjects.set(mp3, { ...tiered(5, 1), checkAt: at })
    assert.deepEqual(toCome(looked), [`${mp3} is looked at for more accesses`])
  })
  it('is an event in the queue, unless it asks for a sweep', () => {
    assert.deepEqual(
      toCome(({ queue }) => void queue.push('sweep', 'tier')),
      ['an event waits for tier'],
    )
  })
})

describe('It is quiet', () => {
  const sweep = (at: number): Entry => ({ at, what: 'delivered', function: 'sweep' })
  const tier = (at: number): Entry => ({ at, what: 'delivered', function: 'tier' })
  const since = Date.now() - 60_000
  const sweeps = [1, 2, 3].map((each) => sweep(since + each))

  it('once three sweeps have ended, of which the first may have begun before', () => {
    assert.equal(isQuiet(sweeps.slice(1), since, 0), false)
    assert.equal(isQuiet(sweeps.slice(1).concat(sweep(since - 1)), since, 0), false)
    assert.equal(isQuiet(sweeps, since, 0), true)
  })
  it('once nothing else has come for so long', () => {
    assert.equal(isQuiet([...sweeps, tier(Date.now() - 10_000)], since, 15_000), false)
    assert.equal(isQuiet([...sweeps, tier(Date.now() - 10_000)], since, 5000), true)
    assert.equal(isQuiet(sweeps, since, 70_000), false)
  })
})
