import { parseArgs } from 'node:util'
import { describeMachine } from '../../bench/machine.ts'
import { keepSection, resultsFile } from '../../bench/results.ts'
import { startEmulators } from '../gcp/emulators.ts'
import { commandOf, sectionName, sectionOf } from './report.ts'
import { runFaults } from './run.ts'

/**
 * Does what the tests of faults do, at full length, and prints what was injected and what was found; of as many jobs as tell something
 * also into bench/RESULTS.md.
 */

const leastToKeep = 60

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    jobs: { type: 'string', default: '300' },
  },
})
const [seed, jobs] = [Number(values.seed), Number(values.jobs)]
if (!Number.isInteger(seed) || !Number.isInteger(jobs) || jobs < 1)
  throw new Error(`--seed (${values.seed}) and --jobs (${values.jobs}) must be whole numbers.`)

const onGcp = process.env['PLATFORM'] === 'gcp'
if (onGcp) await startEmulators()
console.log(
  `${commandOf({ seed, jobs, onGcp })}\ndraws the same files, plans and dice, not the same interleaving.\n`,
)
const startedAt = performance.now()
const report = await runFaults({ seed, jobs, mostMinutes: 15 })
const seconds = Math.round((performance.now() - startedAt) / 1000)
const section = sectionOf({ seed, jobs, onGcp, seconds, machine: await describeMachine() }, report)
console.log(section)
if (jobs >= leastToKeep) {
  await keepSection(sectionName(onGcp), section)
  console.log(`\nIt is in ${resultsFile}.`)
}
process.exitCode = report.wrong.length === 0 ? 0 : 1
