import { machineText, type Machine } from '../machine.ts'
import type { Line } from './case.ts'

const heads = ['case', 'peer', 'ours', 'theirs', 'value', 'target', 'met']

/** The lines of one case: a table, what it was measured on, and the notes. Markdown. */
export function section(name: string, lines: readonly Line[], rounds: number, machine: Machine): string {
  const row = (cells: string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const table = [row(heads), row(heads.map(() => '---')), ...lines.map((line) => row(cellsOf(line)))]
  const notes = lines.flatMap((line) => {
    const { name, note, bounds } = line
    const texts = [note, isMet(line) || bounds === undefined ? undefined : `Missed: ${bounds}`]
    return texts.flatMap((text) => (text === undefined ? [] : `- ${name}: ${text}`))
  })
  const medians = rounds === 1 ? 'Measured once' : `Medians of ${rounds}`
  const from = `${medians}, on ${machineText(machine)}.`
  return [`## ${name}`, table.join('\n'), from, ...(notes.length > 0 ? [notes.join('\n')] : [])].join('\n\n')
}

const cellsOf = (line: Line): string[] => {
  const { name, peer, ours, theirs, value, unit, limit, bound } = line
  const measured = unit === undefined ? value.toFixed(2) : `${Math.round(value)} ${unit}`
  const target = `${bound === 'most' ? '≤' : '≥'} ${unit === undefined ? limit : `${limit} ${unit}`}`
  return [name, peer, ours, theirs, measured, target, isMet(line) ? 'yes' : 'no']
}

/** Whether a line reaches what it was to reach. What is written as equal is equal. */
export function isMet({ value, unit, limit, bound }: Line): boolean {
  const digits = unit === undefined ? 2 : 0
  const rounded = Number(value.toFixed(digits))
  return bound === 'most' ? rounded <= limit : rounded >= limit
}
