import { parts, type Part } from './ledger.ts'
import { knownRates, type Result } from './policies.ts'
import type { Trace } from './trace.ts'

/** `cost` is to cost no more than this many times the optimum. */
export const target = 1.15

/** What parts are called. */
export const partNames: Readonly<Record<Part, string>> = {
  storage: 'storage',
  retrieval: 'retrieval',
  operations: 'operations',
  earlyDeletion: 'early deletion',
  fees: 'fees',
}

/** A trace, what every policy costs with it, and whether `cost` does as it should. Markdown. */
export function report(trace: Trace, results: readonly Result[]): string {
  return [`## ${trace.name}`, summary(trace), table(trace, results), verdict(results).join('\n')].join('\n\n')
}

function summary({ bytes, reads, days }: Trace): string {
  const sum = (numbers: Iterable<number>): number => {
    let total = 0
    for (const number of numbers) total += number
    return total
  }
  const [count, gib] = [bytes.length.toLocaleString('en'), (sum(bytes) / 2 ** 30).toFixed(1)]
  return `${count} objects of ${gib} GiB, ${sum(reads).toLocaleString('en')} reads, ${days} days.`
}

function table({ bytes }: Trace, results: readonly Result[]): string {
  const best = optimumOf(results)
  const heads = [...parts.map((part) => partNames[part]), 'together', '× optimum', 'moves each', 'looks each']
  // Small traces cost little.
  const digits = best >= 10 ? 2 : 5
  const rows = results.map(({ policy: { name }, ledger }) => [
    name,
    ...parts.map((part) => ledger[part].toFixed(digits)),
    ledger.total.toFixed(digits),
    ratio(ledger.total, best),
    (ledger.moves / bytes.length).toFixed(2),
    ledger.looks === 0 ? '' : (ledger.looks / bytes.length).toFixed(1),
  ])
  const cells = [['US$', ...heads], ...rows]
  const widths = ['US$', ...heads].map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: string[]): string => {
    const padded = row.map((cell, column) => {
      const width = widths[column] ?? 0
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(cells[0] ?? []), line(rule), ...cells.slice(1).map(line)].join('\n')
}

/** Whether `cost` is below Autoclass, below every fixed rule, and near the optimum: a sentence each. */
export function verdict(results: readonly Result[]): string[] {
  const cost = results.find(({ policy }) => policy.name === 'cost')?.ledger.total ?? NaN
  const share = (other: number): string => `${Math.abs((cost / other - 1) * 100).toFixed(1)}%`
  const against = (others: readonly Result[], what: string): string => {
    const [least] = others.toSorted((one, other) => one.ledger.total - other.ledger.total)
    if (!least) return ''
    const isBelow = cost < least.ledger.total
    return isBelow
      ? `- \`cost\` is ${share(least.ledger.total)} below ${what}${least.policy.kind === 'rule' ? `, of which the best is "${least.policy.name}"` : ''}.`
      : `- NOT below ${what}: \`cost\` is ${share(least.ledger.total)} above "${least.policy.name}".`
  }
  const best = optimumOf(results)
  const isNear = cost <= target * best
  const known = results.find(({ policy }) => policy.name === knownRates)
  return [
    against(
      results.filter(({ policy }) => policy.kind === 'autoclass'),
      'Autoclass',
    ),
    against(
      results.filter(({ policy }) => policy.kind === 'rule'),
      'every fixed rule',
    ),
    ...(known
      ? [
          `- Who knew each object's rate, but neither the days of reads nor bursts to come, would be at ${ratio(known.ledger.total, best)} with the same plans.`,
        ]
      : []),
    `- ${isNear ? 'Within' : 'NOT within'} ${target} of the optimum: \`cost\` is at ${ratio(cost, best)}.`,
  ]
}

const optimumOf = (results: readonly Result[]): number =>
  results.find(({ policy }) => policy.name === 'optimum')?.ledger.total ?? NaN

const ratio = (cost: number, best: number): string => (best === 0 && cost === 0 ? 1 : cost / best).toFixed(3)
