import { machineText, type Machine } from '../../bench/machine.ts'
import type { FaultsReport } from './run.ts'

export interface Run {
  seed: number
  jobs: number
  onGcp: boolean
  seconds: number
  machine: Machine
}

/** The command that draws the same again. */
export const commandOf = ({ seed, jobs, onGcp }: Pick<Run, 'seed' | 'jobs' | 'onGcp'>): string =>
  `${onGcp ? 'PLATFORM=gcp ' : ''}npm run test:faults -- --seed ${seed} --jobs ${jobs}`

export const sectionName = (onGcp: boolean): string => (onGcp ? 'faults on gcp' : 'faults')

/** What a run has injected and found, as a section in Markdown. */
export function sectionOf(run: Run, { accepted, injected, leftOut, counts, wrong }: FaultsReport): string {
  const where = run.onGcp ? 'the platform of the cloud, over emulators' : 'one machine'
  return `## ${sectionName(run.onGcp)}

What holds while everything breaks, on ${where}: 8 people upload, download and delete while servers are killed, reads and writes fail, and events come late and twice; then nothing is disturbed any more, and all that there is, is looked at. \`${commandOf(run)}\` draws the same files, plans and dice, not the same interleaving.

Measured on ${machineText(run.machine)}, in ${run.seconds} s. ${accepted} files were accepted.

${table('injected', injected)}
${leftOut.map((what) => `\nLeft out: ${what}.\n`).join('')}
${table('found', counts)}

${wrong.length === 0 ? 'Nothing was wrong.' : `**Wrong:**\n\n${wrong.map((what) => `- ${what}`).join('\n')}`}`
}

function table(title: string, numbers: Record<string, number>): string {
  const rows = Object.entries(numbers)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([what, count]) => `| ${what} | ${count} |`)
  return [`| ${title} | how often |`, '| --- | --: |', ...rows].join('\n')
}
