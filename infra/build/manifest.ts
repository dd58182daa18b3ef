import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { external, type Bundle } from './bundle.ts'
import { root } from './root.ts'

const lockfile = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) })

/** ffmpeg-static is a program, and its install script fetches it. */
const program = 'ffmpeg-static'
const findsProgram = 'functions/transcode/media/find-ffmpeg.ts'

/** The package.json of a bundle: with what could not be bundled, in the versions that are installed here. */
export async function manifest(name: string, { modules }: Bundle): Promise<Record<string, unknown>> {
  const lock = lockfile.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')))
  const needsProgram = modules.includes(findsProgram)
  const dependencies = [...external, ...(needsProgram ? [program] : [])].map((dependency) => {
    const version = lock.packages[`node_modules/${dependency}`]?.version
    if (version === undefined) throw new Error(`package-lock.json has no ${dependency}; npm install adds it.`)
    return [dependency, version]
  })
  return {
    name: `tapedeck-${name}`,
    private: true,
    type: 'module',
    main: 'index.js',
    engines: { node: '24' },
    dependencies: Object.fromEntries(dependencies),
    ...(needsProgram && { allowScripts: { [program]: true } }),
  }
}
