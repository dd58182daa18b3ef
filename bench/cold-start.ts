import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findFfmpeg } from '../functions/transcode/media/index.ts'
import { build, folders } from '../infra/build/build.ts'
import { root } from '../infra/build/root.ts'
import {
  askWithoutToken,
  installPackages,
  sendEvent,
  settings,
  startFunction,
} from '../infra/build/testing.ts'
import { functions, type CloudFunction } from '../lib/functions.ts'

/**
 * How long a function takes from the start of its process to its first answer: as a bundle, from its source, and, to compare,
 * one that does nothing. The answer is a refusal for want of a token, or the receipt of an event that cannot be read. For
 * transcode and work it includes a run of ffmpeg, which tells what it can do.
 */

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } })
const rounds = Number(values.rounds)
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error(`--rounds is ${values.rounds}; it must be a whole number from 1.`)

const place = await mkdtemp(join(tmpdir(), 'tapedeck-bench-'))
const env = { ...settings, FFMPEG_PATH: (await findFfmpeg()).path }
const rows = Object.entries<CloudFunction>(functions)
try {
  await build(place)
  for (const folder of folders) await installPackages(bundleOf(folder))
  await writeEmpty()
  const times = new Map<string, number[]>()
  const note = async (what: string, measured: Promise<number>): Promise<void> =>
    void times.set(what, [...(times.get(what) ?? []), await measured])
  for (let round = 1; round <= rounds; round++) {
    // In turns, so that whatever else the machine does meets all of them alike.
    await note('empty', measure('empty', bundleOf('empty')))
    for (const [name, { folder, trigger }] of rows) {
      const isEvent = trigger.kind !== 'http'
      await note(`${name} bundled`, measure(name, bundleOf(folder), isEvent))
      await note(`${name} source`, measure(name, join(root, 'functions', folder, 'index.ts'), isEvent))
    }
    console.error(`Round ${round} of ${rounds} is over.`)
  }
  console.log(report((what) => median(times.get(what) ?? [])))
} finally {
  await rm(place, { recursive: true })
}

function bundleOf(folder: string): string {
  return join(place, 'functions', folder)
}

async function writeEmpty(): Promise<void> {
  const folder = bundleOf('empty')
  await mkdir(folder)
  const dependencies = { '@google-cloud/functions-framework': '*' }
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', main: 'index.js', dependencies }),
  )
  const code = `import { http } from '@google-cloud/functions-framework'\nhttp('empty', (req, res) => res.end())\n`
  await writeFile(join(folder, 'index.js'), code)
  await installPackages(folder)
}

/** Milliseconds from start to answer. */
async function measure(name: string, source: string, isEvent = false): Promise<number> {
  const begun = performance.now()
  const started = await startFunction(source, name, env)
  try {
    const response = await (isEvent
      ? sendEvent(started.url, 'example.unknown', {})
      : askWithoutToken(started.url, name))
    await response.text()
    return performance.now() - begun
  } finally {
    await started.stop()
  }
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}

/** The medians as a table in Markdown, and the machine that they are from. */
function report(medianOf: (what: string) => number): string {
  const empty = medianOf('empty')
  const cells = (what: string): string => {
    const ms = medianOf(what)
    return `${ms.toFixed(0)} | ${(ms / empty).toFixed(2)}`
  }
  const lines = [
    '| function | bundled, ms | × empty | source, ms | × empty |',
    '| --- | --- | --- | --- | --- |',
    `| (empty) | ${cells('empty')} | | |`,
    ...rows.map(([name]) => `| ${name} | ${cells(`${name} bundled`)} | ${cells(`${name} source`)} |`),
  ]
  const [cpu] = cpus()
  const date = new Date().toISOString().slice(0, 10)
  const machine = `${cpus().length} cores of ${cpu?.model ?? 'an unknown kind'}, Node ${process.versions.node}`
  return `${lines.join('\n')}\n\n${machine}, ${date}; medians of ${rounds}.`
}
