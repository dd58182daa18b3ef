import { rmSync } from 'node:fs'

/** Files and folders that must not outlive this process, however it ends. */
export const leftovers = new Set<string>()

process.on('exit', () => {
  for (const path of leftovers) rmSync(path, { recursive: true, force: true })
})
