import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findFfmpeg } from '../../../functions/transcode/media/index.ts'
import { build } from '../../../infra/build/build.ts'
import { root } from '../../../infra/build/root.ts'
import {
  askWithoutToken,
  installPackages,
  sendEvent,
  settings,
  startFunction,
} from '../../../infra/build/testing.ts'
import { functions, type CloudFunction } from '../../../lib/functions.ts'
import { inTurns, type Case, type Line } from '../case.ts'
import { inFolder } from '../place.ts'

const empty = 'empty'
/** One that answers requests and one that takes events: the others start as they do. */
const tried = new Set(['auth', 'transcode'])
const limit = 1.3

/**
 * How long a function takes from the start of its process to its first answer: as a bundle, from its source, and, to compare,
 * one that does nothing. The answer is a refusal for want of a token, or the receipt of an event that cannot be read. For
 * transcode and work it includes a run of ffmpeg, which tells what it can do.
 */
export const coldStart: Case = {
  name: 'cold-start',
  run: ({ quick, rounds }) =>
    inFolder(async (place) => {
      const env = { ...settings, FFMPEG_PATH: (await findFfmpeg()).path }
      const bundleOf = (folder: string): string => join(place, 'functions', folder)
      const rows = Object.entries<CloudFunction>(functions).filter(([name]) => !quick || tried.has(name))
      await build(place)
      for (const folder of new Set(rows.map(([, { folder }]) => folder)))
        await installPackages(bundleOf(folder))
      await writeEmpty(bundleOf(empty))
      const sides = rows.flatMap(([name, { folder, trigger }]) => {
        const measure = (source: string) => () => timeToAnswer(name, source, env, trigger.kind !== 'http')
        return [
          [bundled(name), measure(bundleOf(folder))],
          [fromSource(name), measure(join(root, 'functions', folder, 'index.ts'))],
        ] as const
      })
      const times = await inTurns<string>(rounds, {
        [empty]: () => timeToAnswer(empty, bundleOf(empty), env, false),
        ...Object.fromEntries(sides),
      })
      return rows.map(([name, { folder }]) => lineOf(name, folder, times))
    }),
}

const startsFfmpeg =
  'an ffmpeg of 124 MB is started beside the loading, which takes 30 ms more than that of an empty function; the rest is the fork.'

const bundled = (name: string): string => `${name} bundled`
const fromSource = (name: string): string => `${name} from source`

function lineOf(name: string, folder: string, times: Record<string, number>): Line {
  const of = (what: string): number => times[what] ?? Number.NaN
  const ms = (what: string): string => `${of(what).toFixed(0)} ms`
  const ratio = (what: string): number => of(what) / of(empty)
  return {
    name,
    peer: 'an empty function',
    ours: ms(bundled(name)),
    theirs: ms(empty),
    value: ratio(bundled(name)),
    limit,
    bound: 'most',
    ...(folder === 'transcode' && { bounds: startsFfmpeg }),
    note: `${ms(fromSource(name))} from its source, ${ratio(fromSource(name)).toFixed(2)} × empty.`,
  }
}

async function writeEmpty(folder: string): Promise<void> {
  await mkdir(folder)
  const dependencies = { '@google-cloud/functions-framework': '*' }
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ type: 'module', main: 'index.js', dependencies }),
  )
  const code = `import { http } from '@google-cloud/functions-framework'\nhttp('${empty}', (req, res) => res.end())\n`
  await writeFile(join(folder, 'index.js'), code)
  await installPackages(folder)
}

/** Milliseconds from start to answer. */
async function timeToAnswer(
  name: string,
  source: string,
  env: NodeJS.ProcessEnv,
  isEvent: boolean,
): Promise<number> {
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
