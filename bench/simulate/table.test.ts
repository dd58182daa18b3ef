import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chart } from './chart.ts'
import { Ledger } from './ledger.ts'
import { optionsFrom } from './options.ts'
import type { Policy, Result } from './policies.ts'
import { report, verdict } from './table.ts'
import { historyFrom, traceOf } from './testing.ts'

const result = (name: string, kind: Policy['kind'], parts: Partial<Ledger>): Result => ({
  policy: { name, kind, keep: () => {} },
  ledger: Object.assign(new Ledger(), parts),
})
const results = (cost: number): Result[] => [
  result('cost', 'ours', { storage: cost - 1, retrieval: 1, moves: 3, looks: 10 }),
  result('Autoclass', 'autoclass', { storage: 19, fees: 1 }),
  result('all Standard', 'rule', { storage: 40 }),
  result('at 30 days to Coldline', 'rule', { storage: 16 }),
  result('optimum', 'bound', { storage: 10 }),
]

describe('The table', () => {
  const trace = traceOf([historyFrom({ days: 9, readOn: [1, 2] }), historyFrom({ days: 10 })])
  const lines = report(trace, results(11)).split('\n')

  it('has a row for each policy with its parts, the ratio to the optimum, and moves of an object', () => {
    assert.equal(lines[0], '## test')
    assert.equal(lines[2], '2 objects of 2.0 GiB, 2 reads, 10 days.')
    const cells = lines.find((line) => line.startsWith('| cost '))?.split('|')
    assert.deepEqual(
      cells?.map((cell) => cell.trim()),
      ['', 'cost', '10.00', '1.00', '0.00', '0.00', '0.00', '11.00', '1.100', '1.50', '5.0', ''],
    )
  })

  it('says where `cost` does as it should', () => {
    assert.deepEqual(verdict(results(11)), [
      '- `cost` is 45.0% below Autoclass.',
      '- `cost` is 31.3% below every fixed rule, of which the best is "at 30 days to Coldline".',
      '- Within 1.15 of the optimum: `cost` is at 1.100.',
    ])
  })

  it('says where it does not', () => {
    assert.deepEqual(verdict(results(22)), [
      '- NOT below Autoclass: `cost` is 10.0% above "Autoclass".',
      '- NOT below every fixed rule: `cost` is 37.5% above "at 30 days to Coldline".',
      '- NOT within 1.15 of the optimum: `cost` is at 2.200.',
    ])
  })
})

describe('The chart', () => {
  it('names each trace, policy and part', () => {
    const svg = chart([
      { name: 'one trace', results: results(11) },
      { name: 'another', results: results(22) },
    ])
    assert.match(svg, /^<svg .*<\/svg>\s*$/s)
    for (const text of [
      'one trace',
      'another',
      'cost  11.00',
      'cost  22.00',
      'Autoclass',
      'retrieval',
      'early deletion',
    ])
      assert.ok(svg.includes(text), `${text} is missing.`)
  })
})

describe('The command line', () => {
  it('has settings for what it does not say', () => {
    const { chart, ...options } = optionsFrom([])
    assert.deepEqual(options, { trace: undefined, objects: 100_000, days: undefined, seed: 1 })
    assert.match(chart, /bench.simulate\.svg$/)
  })

  it('is refused with what it must be', () => {
    assert.throws(() => optionsFrom(['--objects', '1.5']), {
      message: '--objects is 1.5; it must be a whole number from 1 to 10000000.',
    })
    assert.throws(() => optionsFrom(['--days', '0']), /--days is 0; it must be a whole number from 2/)
  })
})
