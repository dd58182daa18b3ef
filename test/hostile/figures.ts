import { readFile } from 'node:fs/promises'
import { loadavg } from 'node:os'
import { describeMachine, machineText } from '../../bench/machine.ts'
import { keepSection, resultsFile } from '../../bench/results.ts'
import { seed } from './effort.ts'

/** Keeps what a long run has found in the page of results: of one section the part of this name, in place of the earlier one. */
export async function keepFigures(section: string, part: string, facts: string[]): Promise<void> {
  const earlier = await readFile(resultsFile, 'utf8').catch(() => '')
  const machine = machineText(await describeMachine())
  const load = Math.round(loadavg()[2] ?? 0)
  const how = `SEED=${seed}, on ${machine}, with ${load} processes at work in the last quarter of an hour.`
  const text = [...facts.map((fact) => `- ${fact}`), '', how].join('\n')
  await keepSection(section, withPart(earlier, section, part, text))
}

const introduction = 'By `npm run test:hostile`; the same again by `SEED=… npm run test:hostile`.'

/** The section with this part in place of the earlier one of its name, by name; the others stay as they are. */
function withPart(page: string, section: string, part: string, text: string): string {
  const earlier = page.split(/^(?=## )/m).find((each) => each.startsWith(`## ${section}\n`)) ?? ''
  const parts = new Map<string, string>()
  for (const each of earlier.split(/^(?=### )/m)) {
    const heading = /^### (?<name>.+)$/m.exec(each)?.groups?.['name']
    if (heading !== undefined) parts.set(heading, each.trimEnd())
  }
  parts.set(part, `### ${part}\n\n${text}`)
  const texts = [...parts].toSorted(([one], [other]) => one.localeCompare(other)).map(([, each]) => each)
  return [`## ${section}`, introduction, ...texts].join('\n\n')
}
