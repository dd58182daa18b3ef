import { readFile, writeFile } from 'node:fs/promises'
import { availableParallelism, constants, cpus } from 'node:os'
import { join } from 'node:path'
import { findFfmpeg } from '../../functions/transcode/media/index.ts'
import * as cases from './cases.ts'
import { asked, type Asked } from './options.ts'
import { killDescendants } from './process-tree.ts'
import { page, section, type Machine } from './report.ts'

/**
 * How fast Tapedeck is beside others that do the same, measured together. Writes a page in Markdown, of which only the cases that
 * are run change; with --quick it only prints.
 */

const file = join(import.meta.dirname, '..', 'RESULTS.md')
const all: (typeof cases)[keyof typeof cases][] = Object.values(cases)
const names = all.map(({ name }) => name)

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
  for (const { name, run } of cases) {
    const begun = performance.now()
    try {
      const text = section(name, await run({ quick, rounds }), rounds, machine)
      console.log(`${text}\n`)
      if (!quick) await keep(name, text)
    } catch (error) {
      console.error(`${name} does not work:`, error)
      process.exitCode = 1
    }
    console.error(`${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s.`)
  }
  console.error(
    quick ? 'The sources were too small for the times to tell anything.' : `The results are in ${file}.`,
  )
}

/** At once, since it may take hours until the last case is over. */
async function keep(name: string, text: string): Promise<void> {
  const earlier = await readFile(file, 'utf8').catch(() => '')
  await writeFile(file, page(earlier, new Map([[name, text]]), names))
}

async function describeMachine(): Promise<Machine> {
  const [cpu] = cpus()
  return {
    cores: availableParallelism(),
    cpu: cpu?.model ?? 'an unknown kind',
    node: process.versions.node,
    ffmpeg: (await findFfmpeg()).version,
    date: new Date().toISOString().slice(0, 10),
  }
}
