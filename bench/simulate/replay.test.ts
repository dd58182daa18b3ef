import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Choice, Holding } from '../../lib/tiers/holding.ts'
import { bookkeeping, counting, Ledger, looking } from './ledger.ts'
import { replay } from './replay.ts'
import { historyFrom } from './testing.ts'

/** Replays an object that is read on some days, and what the policy was asked, by day. */
function replayed(
  choices: Record<number, Partial<Choice>>,
  given: Parameters<typeof historyFrom>[0],
): { asked: Record<number, Holding>; ledger: Ledger } {
  const asked: Record<number, Holding> = {}
  const ledger = new Ledger()
  const settings = { graceDays: 1, halfLifeDays: 10 }
  const ask = (holding: Holding, day: number): Choice => {
    asked[day] = holding
    return { storageClass: holding.storageClass, againInDays: Infinity, ...choices[day] }
  }
  replay(historyFrom(given), settings, ask, ledger)
  return { asked, ledger }
}

describe('A policy of ours', () => {
  it('is asked after the grace, after each day with reads, and when it wants to be', () => {
    const choices = { 4: { againInDays: 2.5 }, 10: { againInDays: 0 } }
    const { asked, ledger } = replayed(choices, { days: 30, createdOn: 3, readOn: [9, 29], reads: [2, 1] })
    assert.deepEqual(Object.keys(asked), ['4', '7', '10', '11'])
    assert.equal(ledger.looks, 4)
  })

  it('is told of the object as it is then', () => {
    const choices = { 4: { storageClass: 'COLDLINE' as const }, 10: { againInDays: 10 } }
    const { asked } = replayed(choices, { days: 30, createdOn: 3, bytes: 7, readOn: [9], reads: [2] })
    assert.deepEqual(asked[10], {
      bytes: 7,
      storageClass: 'COLDLINE',
      daysInClass: 6,
      ageDays: 7,
      idleDays: 0,
      heat: 2,
      perAccess: { bytes: 7, requests: 1 },
    })
    assert.equal(asked[20]?.heat, 1)
  })

  it('pays for the reads of a day where they find the object, and for moves afterwards', () => {
    const gib = 2 ** 30
    const choices = { 1: { storageClass: 'NEARLINE' as const }, 12: { storageClass: 'STANDARD' as const } }
    const { ledger } = replayed(choices, { days: 21, bytes: gib, readOn: [11, 20], reads: [3, 1] })
    const near = (actual: number, expected: number): void => assert.ok(Math.abs(actual - expected) < 1e-12)
    near(ledger.storage, ((10 * 0.02 + 11 * 0.01) * 12) / 365)
    near(ledger.retrieval, 4 * 0.01)
    near(ledger.operations, 3 * 0.001e-3 + 0.0004e-3 + 0.01e-3 + 0.005e-3)
    near(ledger.earlyDeletion, (19 * 0.01 * 12) / 365)
    // Counted four times, looked at once without that (after the grace).
    near(ledger.fees, 2 * bookkeeping + 4 * counting + looking)
    assert.equal(ledger.moves, 2)
  })
})
