import { parseArgs } from 'node:util'
import { startEmulators } from '../gcp/emulators.ts'
import { runFaults } from './run.ts'

/** Does what the tests of faults do, at full length, and prints what was injected and what was found. */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    jobs: { type: 'string', default: '300' },
  },
})
const [seed, jobs] = [Number(values.seed), Number(values.jobs)]
if (!Number.isInteger(seed) || !Number.isInteger(jobs) || jobs < 1)
  throw new Error(`--seed (${values.seed}) and --jobs (${values.jobs}) must be whole numbers.`)

if (process.env['PLATFORM'] === 'gcp') await startEmulators()
console.log(`Seed ${seed}; \`npm run test:faults -- --seed ${seed} --jobs ${jobs}\` repeats it.`)
const { injected, counts, wrong, accepted } = await runFaults({ seed, jobs, mostMinutes: 15 })
const list = (numbers: Record<string, number>): string =>
  Object.entries(numbers)
    .toSorted(([one], [other]) => one.localeCompare(other))
    .map(([what, count]) => `${String(count).padStart(6)}  ${what}\n`)
    .join('')
console.log(`\nInjected:\n${list(injected)}\nFound, of ${accepted} accepted jobs:\n${list(counts)}`)
console.log(wrong.length === 0 ? 'Nothing is wrong.' : `Wrong:\n${wrong.join('\n')}`)
process.exitCode = wrong.length === 0 ? 0 : 1
