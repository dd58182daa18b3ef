import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Variable } from '../../lib/config.ts'
import { functions, type CloudFunction } from '../../lib/functions.ts'
import { buildPage } from '../../web/build.ts'
import { archive } from './archive.ts'
import { bundleFolder, type Bundle } from './bundle.ts'
import { describeDeployment } from './deployment.ts'
import { manifests } from './manifest.ts'
import { withPolicy } from './page.ts'
import { variablesIn } from './variables.ts'

/** The functions' folders. */
export const folders: readonly string[] = [...new Set(Object.values(functions).map(({ folder }) => folder))]

/** Empties `out` and writes everything into it that a deployment consists of. */
export async function build(out: string): Promise<void> {
  await rm(out, { recursive: true, force: true })
  const variables = new Map<string, Variable[]>()
  for (const folder of folders) {
    const bundle = await bundleOf(folder)
    await writeBundle(join(out, 'functions', folder), bundle)
    variables.set(folder, await variablesIn(bundle.modules))
  }
  await writePage(join(out, 'page'))
  await writeFile(join(out, 'deployment.json'), json(describeDeployment(variables)))
}

/** A folder's bundle, with its package.json and its lockfile. */
async function bundleOf(folder: string): Promise<Bundle> {
  const rows = Object.values<CloudFunction>(functions).filter((row) => row.folder === folder)
  const rights = rows.flatMap((row) => row.rights)
  const bundle = await bundleFolder(folder, rights)
  for (const [name, content] of Object.entries(await manifests(folder, bundle)))
    bundle.files.set(name, { body: Buffer.from(json(content)), executable: false })
  return bundle
}

/** Once as a folder, to look at and to run, and once as the archive that is deployed. */
async function writeBundle(path: string, { files }: Bundle): Promise<void> {
  await mkdir(path, { recursive: true })
  for (const [name, { body, executable }] of files)
    await writeFile(join(path, name), body, { mode: executable ? 0o755 : 0o644 })
  await writeFile(`${path}.zip`, archive(files))
}

async function writePage(path: string): Promise<void> {
  await mkdir(path, { recursive: true })
  for (const [name, { body }] of await buildPage())
    await writeFile(
      join(path, name),
      name === '/index.html' ? withPolicy(Buffer.from(body).toString()) : body,
    )
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
