import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localPlatform, type LocalPlatform } from '../platform.ts'

/** Opens this process's local platform over a new folder, which `close` removes. `name` says in the folder's name whose it is. */
export async function openLocal(name: string): Promise<{ local: LocalPlatform; close: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), `tapedeck-${name}-`))
  process.env['DATA_DIR'] = folder
  const local = await localPlatform()
  return {
    local,
    async close() {
      await local.close()
      await rm(folder, { recursive: true })
    },
  }
}
