import { mkdtemp, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leftovers } from '../../cli/leftovers.ts'

/** Runs `work` with a temporary folder, which is gone afterwards, however it ends. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tapedeck-bench-'))
  leftovers.add(folder)
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
    leftovers.delete(folder)
  }
}

/** Throws where the disk of temporary files has less room than so many bytes. */
export async function needRoom(bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(tmpdir())
  const free = bavail * bsize
  const gb = (size: number): string => `${(size / 1e9).toFixed(1)} GB`
  if (free < bytes)
    throw new Error(
      `It needs ${gb(bytes)} of free disk in ${tmpdir()}, where there are ${gb(free)}. TMPDIR names another folder.`,
    )
}
