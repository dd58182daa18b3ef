import { readFile, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { chart, type Drawing } from './chart.ts'
import { traceFromCsv } from './csv.ts'
import { optionsFrom, type Options } from './options.ts'
import { simulate } from './policies.ts'
import { shapes, synthetic } from './synthetic.ts'
import { report } from './table.ts'
import type { Trace } from './trace.ts'

/**
 * What objects cost under each policy of tiers, by traces of who read them when: made-up ones, or one from a file. Prints tables
 * in Markdown and draws a chart.
 */

try {
  await main(optionsFrom(process.argv.slice(2)))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function main(options: Options): Promise<void> {
  const drawings: Drawing[] = []
  for await (const trace of traces(options)) {
    const begun = performance.now()
    const results = simulate(trace)
    drawings.push({ name: trace.name, results })
    console.log(`${report(trace, results)}\n`)
    console.error(`${trace.name}: simulated in ${((performance.now() - begun) / 1000).toFixed(1)} s.`)
  }
  await writeFile(options.chart, chart(drawings))
  console.error(`The chart is in ${options.chart}.`)
}

async function* traces({ trace: file, objects, days, seed }: Options): AsyncGenerator<Trace> {
  if (file !== undefined) yield traceFromCsv(basename(file), await readFile(file, 'utf8'), days)
  else for (const shape of shapes) yield synthetic(shape, objects, days ?? 365, seed)
}
