import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { simulate } from './policies.ts'
import { shapes, synthetic } from './synthetic.ts'
import { historyOf, type Trace } from './trace.ts'

const plain = {
  name: 'plain',
  readsEach: 10,
  zipf: 0.8,
  halfLifeDays: 10,
  lasting: 0,
  bursts: { share: 0, readsPerDay: 0, days: 1 },
  weekend: 0.5,
}

/** Reads of a trace on the days, by age or date, for which `counts` says so. */
function readsOf(trace: Trace, counts: (age: number, day: number) => boolean): number {
  let sum = 0
  for (let object = 0; object < trace.bytes.length; object++) {
    const { createdOn, readOn, reads } = historyOf(trace, object)
    for (const [index, day] of readOn.entries()) if (counts(day - createdOn, day)) sum += reads[index] ?? 0
  }
  return sum
}

describe('A made-up trace', () => {
  const trace = synthetic(plain, 5000, 365, 7)
  const all = readsOf(trace, () => true)
  const isAbout = (actual: number, expected: number): void =>
    assert.ok(Math.abs(actual / expected - 1) < 0.05, `${actual} is not about ${expected}.`)

  it('is the same for the same seed, and another for another', () => {
    assert.deepEqual(synthetic(plain, 5000, 365, 7).readOn, trace.readOn)
    assert.notDeepEqual(synthetic(plain, 5000, 365, 8).readOn, trace.readOn)
  })

  it('has as many reads as are wanted, half of them in the first half-life', () => {
    isAbout(all, 50_000)
    isAbout(
      readsOf(trace, (age) => age < 10),
      25_000,
    )
  })

  it('has fewer reads on weekends', () => {
    isAbout(readsOf(trace, (_, day) => day % 7 >= 5) / all, 1 / 6)
  })

  it('has objects of which a few get most', () => {
    const counts = Array.from({ length: 5000 }, (_, object) =>
      historyOf(trace, object).reads.reduce((one, other) => one + other, 0),
    )
    const top = counts.toSorted((one, other) => other - one).slice(0, 50)
    const shareOf = (places: number): number =>
      Array.from({ length: places }, (_, place) => (place + 1) ** -0.8).reduce((one, other) => one + other)
    isAbout(top.reduce((one, other) => one + other) / all, shareOf(50) / shareOf(5000))
  })

  it('tells what is truly to be expected', () => {
    let expected = 0
    for (let object = 0; object < 5000; object++)
      for (let age = 0; age < 10; age++)
        expected += trace.demand?.(object, historyOf(trace, object).createdOn + age).perDay ?? NaN
    // At the beginning of each day, so a little more than in it.
    isAbout(expected, 25_000 * 1.035)
  })

  it('has bursts of old objects', () => {
    const bursts = { share: 0.5, readsPerDay: 20, days: 4 }
    const bursting = synthetic({ ...plain, readsEach: 0.001, bursts }, 2000, 365, 1)
    isAbout(
      readsOf(bursting, () => true),
      2000 * 0.5 * 20 * 4,
    )
    const busiest = bursting.reads.reduce((one, other) => Math.max(one, other))
    assert.ok(busiest > 25)
  })
})

describe('All made-up traces', () => {
  it('are kept by every policy, and by none but Autoclass for less than the optimum', () => {
    for (const shape of shapes) {
      const results = simulate(synthetic(shape, 100, 200, 3))
      const least = results.at(-1)?.ledger.total ?? NaN
      for (const { policy, ledger } of results)
        assert.ok(policy.kind === 'autoclass' || ledger.total >= least, `${shape.name}: ${policy.name}`)
    }
  })
})
