import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { movingCost } from '../../lib/tiers/storage-prices.ts'
import { autoclass } from './autoclass.ts'
import { bookkeeping, Ledger } from './ledger.ts'
import { lifecycle, nameOf, rules, type Rule } from './lifecycle.ts'
import { historyFrom } from './testing.ts'
import type { History } from './trace.ts'

const gib = 2 ** 30
const perDay = { standard: 0.02, nearline: 0.01, coldline: 0.004, archive: 0.0012 }
/** US$ for a GiB for so many days in each class. */
const stored = (days: Partial<typeof perDay>): number =>
  Object.entries(days).reduce(
    (sum, [name, count]) => sum + (perDay[name as keyof typeof perDay] * count * 12) / 365,
    0,
  )
const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}.`)
const kept = (keep: (ledger: Ledger) => void): Ledger => {
  const ledger = new Ledger()
  keep(ledger)
  return ledger
}

describe('A ledger', () => {
  it('has for a move, in its parts, what the policy expects of one', () => {
    const ledger = kept((ledger) => ledger.rewrite(gib, 'COLDLINE', 'ARCHIVE', 20))
    ledger.fees += bookkeeping
    near(ledger.total, movingCost(gib, 'COLDLINE', 'ARCHIVE', 20))
    near(ledger.retrieval, 0.02)
    near(ledger.operations, 0.05e-3)
    near(ledger.earlyDeletion, stored({ coldline: 70 }))
  })

  it('charges a read for its bytes and as one operation', () => {
    const ledger = kept((ledger) => ledger.read(gib / 2, 'NEARLINE', 4))
    near(ledger.retrieval, 0.02)
    near(ledger.operations, 4 * 0.001e-3)
  })
})

describe('Autoclass', () => {
  const auto = (given: Partial<History>): Ledger =>
    kept((ledger) => autoclass({ ...historyFrom({ days: 400 }), ...given }, ledger))

  it('moves what nobody reads after 30, 90 and 365 days, for its fee alone', () => {
    const ledger = auto({})
    near(ledger.storage, stored({ standard: 30, nearline: 60, coldline: 275, archive: 35 }))
    near(ledger.total - ledger.storage, ledger.fees)
    near(ledger.fees, ((0.0025 / 1000) * 400) / 30)
    assert.equal(ledger.moves, 3)
  })

  it('brings back what is read, for an operation at the rate of Standard', () => {
    const ledger = auto({ readOn: Uint16Array.of(39), reads: Uint32Array.of(2) })
    near(ledger.storage, stored({ standard: 60, nearline: 70, coldline: 270 }))
    near(ledger.operations, 2 * 0.0004e-3)
    assert.equal(ledger.retrieval, 0)
    assert.equal(ledger.moves, 4)
  })

  it('leaves small objects in Standard, for no fee', () => {
    const ledger = auto({ bytes: 128 * 1024 - 1 })
    assert.deepEqual([ledger.fees, ledger.moves], [0, 0])
    near(ledger.storage, (stored({ standard: 400 }) * (128 * 1024 - 1)) / gib)
  })
})

describe('A rule', () => {
  const ruled = (rule: Rule, given: Partial<History> = {}): Ledger =>
    kept((ledger) => lifecycle({ ...historyFrom({ days: 100, createdOn: 5 }), ...given }, rule, ledger))
  const [none, three] = [rules[0] ?? [], rules[1] ?? []]

  it('moves by age, for an operation of class A at the rate of where it goes', () => {
    const ledger = ruled(three)
    near(ledger.storage, stored({ standard: 30, nearline: 60, coldline: 5 }))
    near(ledger.operations, 0.03e-3)
    near(ledger.total, ledger.storage + ledger.operations)
    assert.equal(ledger.moves, 2)
  })

  it('lets reads pay where they find the object', () => {
    const ledger = ruled(three, { readOn: Uint16Array.of(34, 35, 99), reads: Uint32Array.of(1, 2, 3) })
    near(ledger.retrieval, 2 * 0.01 + 3 * 0.02)
    near(ledger.operations, 0.03e-3 + 0.0004e-3 + 2 * 0.001e-3 + 3 * 0.01e-3)
  })

  it('of no step leaves all in Standard', () => {
    const ledger = ruled(none, { readOn: Uint16Array.of(99), reads: Uint32Array.of(1) })
    near(ledger.total, stored({ standard: 95 }) + 0.0004e-3)
  })

  it('has a name that says what it does', () => {
    assert.deepEqual(rules.map(nameOf), [
      'all Standard',
      'at 30/90/365 days to Nearline/Coldline/Archive',
      'at 30 days to Nearline',
      'at 30 days to Coldline',
      'at 1 day to Coldline',
      'at 1 day to Archive',
    ])
  })
})
