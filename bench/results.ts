import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The page of all that was measured, in Markdown. */
export const resultsFile = join(import.meta.dirname, 'RESULTS.md')

const introduction = `# What was measured

How fast Tapedeck is: \`npm run bench\` measures it and its peers in turns, on the same machine with the same sources. Every line compares ours with theirs; the target is what was to be reached. What it endures: \`npm run test:faults\` and \`npm run test:hostile\`. Each replaces the sections of what it has measured.`

/** Writes the section of this name into the page, in place of the earlier one. `text` begins with its heading. */
export async function keepSection(name: string, text: string): Promise<void> {
  const earlier = await readFile(resultsFile, 'utf8')
  await writeFile(resultsFile, page(earlier, name, text))
}

/** The page with this section in place of the earlier one of its name, by name; the others stay as they are. */
export function page(earlier: string, name: string, text: string): string {
  const sections = new Map<string, string>()
  for (const section of earlier.split(/^(?=## )/m)) {
    const heading = /^## (?<name>.+)$/m.exec(section)?.groups?.['name']
    if (heading !== undefined) sections.set(heading, section.trimEnd())
  }
  sections.set(name, text)
  const texts = [...sections].toSorted(([one], [other]) => one.localeCompare(other)).map(([, each]) => each)
  return `${[introduction, ...texts].join('\n\n')}\n`
}
