import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { variableNames, type Variable } from '../../lib/config.ts'
import { root } from './root.ts'

/** The environment variables that these modules read, sorted. Throws where that cannot be told from their text. */
export async function variablesIn(modules: readonly string[]): Promise<Variable[]> {
  const found = new Set<Variable>()
  for (const module of modules.filter((path) => path.endsWith('.ts'))) {
    const source = await readFile(join(root, module), 'utf8')
    for (const name of namesIn(source, module)) found.add(name)
  }
  return [...found].toSorted()
}

/** The names in every `readConfig(['NAME', …])` of a source text. `module` is for the error. */
export function namesIn(source: string, module: string): Variable[] {
  return [...source.matchAll(/\breadConfig\((?:\s*\[([^\]]*)\])?/g)].flatMap(([call, list]) => {
    const items = list?.split(',').flatMap((item) => item.trim() || [])
    const names = items?.map((item) => variableNames.find((name) => item === `'${name}'`))
    if (names === undefined || names.includes(undefined)) {
      throw new Error(
        `${module} calls ${call}…: a deployment can only set the variables of a function that are named in a literal ` +
          "array, as in readConfig(['PLATFORM']), and stand in lib/config.ts.",
      )
    }
    return names.filter((name) => name !== undefined)
  })
}
