import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Case } from './case.ts'
import * as cases from './cases.ts'
import { asked } from './options.ts'

const caseOf = (name: string): Case => ({ name, run: async () => [] })
const all = [caseOf('one'), caseOf('two')]
const [one, two] = all

describe("The benchmark's command line", () => {
  it('runs all cases in three rounds', () => {
    assert.deepEqual(asked([], all), { quick: false, rounds: 3, cases: [one, two] })
  })

  it('takes names of cases, rounds, and one round of all that is quick', () => {
    assert.deepEqual(asked(['two', '--rounds', '5'], all), { quick: false, rounds: 5, cases: [two] })
    assert.deepEqual(asked(['--quick'], all), { quick: true, rounds: 1, cases: [one, two] })
  })

  it('refuses too few rounds and what is no case', () => {
    assert.throws(() => asked(['--rounds', '2'], all), /--rounds is 2; it must be a whole number from 3/)
    assert.throws(
      () => asked(['--quick', '--rounds=0'], all),
      /--rounds is 0; it must be a whole number from 1/,
    )
    assert.throws(() => asked(['three'], all), /There is no case three; there are one, two\./)
  })

  it('has names that can be told apart, and read from a page', () => {
    const names = Object.values(cases).map(({ name }) => name)
    assert.equal(new Set(names).size, names.length)
    for (const name of names) assert.match(name, /^[a-z][a-z-]*$/)
  })
})
