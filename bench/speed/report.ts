import type { Line } from './case.ts'

/** What a table was measured on. */
export interface Machine {
  cores: number
  cpu: string
  node: string
  ffmpeg: string
  /** The day, as 2026-01-31. */
  date: string
}

const title = '# How fast it is'

const introduction =
  'Made by `npm run bench`, which measures Tapedeck and its peers in turns, on the same machine with the same sources. Every line ' +
  'compares ours with theirs; the target is what was to be reached.'

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
  const { cores, cpu, node, ffmpeg, date } = machine
  const medians = rounds === 1 ? 'Measured once' : `Medians of ${rounds}`
  const from = `${medians}, on ${cores} ${cores === 1 ? 'core' : 'cores'} of ${cpu}, Node ${node}, ffmpeg ${ffmpeg}, ${date}.`
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

/** The page with these sections in place of the earlier ones of the same cases. Whatever is in no case's name goes. */
export function page(
  earlier: string,
  sections: ReadonlyMap<string, string>,
  names: readonly string[],
): string {
  const kept = new Map<string, string>()
  for (const text of earlier.split(/^(?=## )/m)) {
    const name = /^## (?<name>.+)$/m.exec(text)?.groups?.['name']
    if (name !== undefined) kept.set(name, text.trimEnd())
  }
  const texts = names.flatMap((name) => sections.get(name) ?? kept.get(name) ?? [])
  return `${[title, introduction, ...texts].join('\n\n')}\n`
}
