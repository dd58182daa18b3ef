import { constants } from 'node:os'
import { describeMachine } from '../machine.ts'
import { keepSection, resultsFile } from '../results.ts'
import * as cases from './cases.ts'
import { asked, type Asked } from './options.ts'
import { killDescendants } from './process-tree.ts'
import { section } from './report.ts'

/**
 * How fast Tapedeck is beside others that do the same, measured together. Writes the sections of the cases that are run into the page
 * of results; with --quick it only prints.
 */

const all: (typeof cases)[keyof typeof cases][] = Object.values(cases)

// Before the files go, which they may write to. Servers have process groups of their own, which no Ctrl-C in a terminal reaches.
process.prependListener('exit', killDescendants)
// Left-over files go when the process exits, which a signal alone would prevent.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]))

try {
  await main(asked(process.argv.slice(2), all))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/** Whatever fails leaves the other cases as they are. */
async function main({ quick, rounds, cases }: Asked): Promise<void> {
  const machine = await describeMachine()
  for (const { name, isMeasuredOnce, run } of cases) {
    const begun = performance.now()
    try {
      const text = section(name, await run({ quick, rounds }), isMeasuredOnce ? 1 : rounds, machine)
      console.log(`${text}\n`)
      // At once, since it may take hours until the last case is over.
      if (!quick) await keepSection(name, text)
    } catch (error) {
      console.error(`${name} does not work:`, error)
      process.exitCode = 1
    }
    console.error(`${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s.`)
  }
  console.error(
    quick
      ? 'The sources were too small for the times to tell anything.'
      : `The results are in ${resultsFile}.`,
  )
}
