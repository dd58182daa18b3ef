import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { storageClasses } from '../../lib/storage-class.ts'
import { Ledger } from './ledger.ts'
import { cheapest, optimum } from './optimum.ts'
import { simulate, type Policy } from './policies.ts'
import { replay } from './replay.ts'
import { tariffOf, type Tariff } from './tariff.ts'
import { historyFrom, historiesOf, traceOf } from './testing.ts'
import type { History } from './trace.ts'

/** US$ for keeping an object in one class after the other, day by day. */
function costOf(history: History, tariff: Tariff, places: readonly number[]): number {
  let [cost, since, present] = [0, history.createdOn, 0]
  for (const [index, place] of places.entries()) {
    const day = history.createdOn + index
    if (place !== present) {
      const early = Math.max(0, since + (tariff.minimumDays[present] ?? 0) - day)
      cost += early * (tariff.perDay[present] ?? 0) + (tariff.outOf[present] ?? 0) + (tariff.into[place] ?? 0)
      ;[since, present] = [day, place]
    }
    const read = history.readOn.indexOf(day)
    cost += (tariff.perDay[place] ?? 0) + (tariff.perRead[place] ?? 0) * (history.reads[read] ?? 0)
  }
  return cost
}

/** The least cost of all ways there are. */
function bruteForce(history: History, tariff: Tariff): number {
  const days = history.days - history.createdOn
  let least = Infinity
  for (let way = 0; way < 4 ** days; way++) {
    const places = Array.from({ length: days }, (_, day) => Math.floor(way / 4 ** day) % 4)
    least = Math.min(least, costOf(history, tariff, places))
  }
  return least
}

const assertNear = (one: number, other: number): void =>
  assert.ok(Math.abs(one - other) <= 1e-9 * Math.max(one, other), `${one} is not ${other}.`)

const four = (least: number, most: number): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: least, max: most }), { minLength: 4, maxLength: 4 })
const tariffs = fc.record({
  perDay: four(1, 20),
  perRead: four(0, 20),
  into: four(0, 5),
  outOf: four(0, 10),
  minimumDays: four(0, 4),
})

describe('The optimum', () => {
  it('is what the cheapest of all ways costs', () => {
    fc.assert(
      fc.property(historiesOf(6), tariffs, (history, tariff) =>
        assertNear(cheapest(history, tariff).cost, bruteForce(history, tariff)),
      ),
      { numRuns: 60 },
    )
  })

  it('is missed by no move on another day than those that are considered', () => {
    fc.assert(
      fc.property(historiesOf(500), fc.integer({ min: 1, max: 2e9 }), (history, bytes) => {
        const tariff = tariffOf(bytes)
        assertNear(cheapest(history, tariff).cost, cheapest(history, tariff, true).cost)
      }),
      { numRuns: 300 },
    )
  })

  it('costs in its parts what it costs in all', () => {
    fc.assert(
      fc.property(historiesOf(500), (history) => {
        const ledger = new Ledger()
        optimum(history, ledger)
        assertNear(ledger.total, cheapest(history, tariffOf(history.bytes)).cost)
      }),
    )
  })

  it('keeps in Archive at once what nobody reads', () => {
    const ledger = new Ledger()
    optimum(historyFrom({ days: 365, bytes: 2 ** 30 }), ledger)
    assert.deepEqual([ledger.moves, ledger.retrieval, ledger.earlyDeletion], [1, 0, 0])
    assertNear(ledger.storage, 0.0012 * 12)
  })

  it('comes back before many reads, and pays the rest of the minimum duration where that is cheaper', () => {
    const ledger = new Ledger()
    const readOn = Array.from({ length: 20 }, (_, day) => 100 + day)
    optimum(historyFrom({ days: 120, bytes: 2 ** 30, readOn }), ledger)
    assert.equal(ledger.moves, 2)
    assertNear(ledger.retrieval, 0.02)
  })
})

describe('No policy that pays for its moves', () => {
  it('is below the optimum', () => {
    fc.assert(
      fc.property(fc.array(historiesOf(400), { minLength: 1, maxLength: 4 }), (histories) => {
        const results = simulate(traceOf(histories))
        const least = results.at(-1)?.ledger.total ?? NaN
        for (const { policy, ledger } of results)
          // Autoclass, and rules of several steps, have moves for nothing.
          if (policy.kind !== 'autoclass' && !policy.name.includes('/'))
            assert.ok(
              ledger.total >= least * (1 - 1e-9),
              `${policy.name}: ${ledger.total} is below ${least}.`,
            )
      }),
      { numRuns: 100 },
    )
  })

  it('is so whatever it chooses', () => {
    const choices = fc.array(
      fc.record({
        storageClass: fc.constantFrom(...storageClasses),
        againInDays: fc.integer({ min: 0, max: 90 }),
      }),
      { minLength: 1 },
    )
    fc.assert(
      fc.property(historiesOf(400), choices, (history, choices) => {
        let asked = 0
        const ask = () =>
          choices[asked++ % choices.length] ?? { storageClass: 'STANDARD' as const, againInDays: 1 }
        const any: Policy = {
          name: 'any',
          kind: 'ours',
          keep: (history, ledger) => replay(history, { graceDays: 1, halfLifeDays: 30 }, ask, ledger),
        }
        const best: Policy = { name: 'optimum', kind: 'bound', keep: optimum }
        const [one, least] = simulate(traceOf([history]), [any, best]).map(({ ledger }) => ledger.total)
        assert.ok((one ?? 0) >= (least ?? NaN) * (1 - 1e-9))
      }),
    )
  })
})
