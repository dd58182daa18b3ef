import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { build, type Metafile } from 'esbuild'
import type { Right } from '../../lib/functions.ts'
import { leaveOut, leftOut } from './leave-out.ts'
import { plainHttp, withPlainHttp } from './plain-http.ts'
import { root } from './root.ts'

export interface BundleFile {
  body: Uint8Array
  executable: boolean
}

export interface Bundle {
  /** By name; they all lie in one folder, and `index.js` is the one to load. */
  files: Map<string, BundleFile>
  /** The source files that went into it, relative to the root. */
  modules: string[]
}

/** The launcher loads it too, and both must see the same registry of functions. */
export const external = ['@google-cloud/functions-framework']

/** What CommonJS has and modules do not: Google's clients ask for it. */
const banner = [
  "const require = process.getBuiltinModule('node:module').createRequire(import.meta.url)",
  'const { filename: __filename, dirname: __dirname } = import.meta',
].join('\n')

/** Bundles a folder below functions/, for functions that have these rights. Throws what esbuild complains of. */
export async function bundleFolder(folder: string, rights: readonly Right[]): Promise<Bundle> {
  const { outputFiles, metafile, warnings } = await build({
    absWorkingDir: root,
    entryPoints: { index: `functions/${folder}/index.ts` },
    outdir: 'dist',
    write: false,
    metafile: true,
    bundle: true,
    // What is imported late stays in files of its own; one file for everything takes twice as long to start.
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    banner: { js: banner },
    external,
    plugins: [leaveOut(rights), withPlainHttp],
    logLevel: 'silent',
  })
  if (warnings.length > 0)
    throw new Error(`functions/${folder}: ${warnings.map(({ text }) => text).join('; ')}`)
  const files = new Map<string, BundleFile>()
  for (const { path, contents } of outputFiles)
    files.set(basename(path), { body: contents, executable: false })
  const modules = modulesOf(metafile)
  for (const path of await filesBeside(modules))
    files.set(basename(path), { body: await readFile(join(root, path)), executable: path.endsWith('.sh') })
  return { files, modules }
}

const modulesOf = ({ outputs }: Metafile): string[] =>
  [...new Set(Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)))]
    .filter((path) => !path.startsWith(leftOut) && !path.startsWith(plainHttp))
    .toSorted()

/** What our modules look for beside themselves by `new URL('name', import.meta.url)`: in a bundle, that is its folder. */
async function filesBeside(modules: string[]): Promise<string[]> {
  const found: string[] = []
  for (const module of modules.filter((path) => path.endsWith('.ts'))) {
    const source = await readFile(join(root, module), 'utf8')
    for (const [, name = ''] of source.matchAll(/new URL\('([^']+)', import\.meta\.url\)/g))
      found.push(join(dirname(module), name))
  }
  return found
}
