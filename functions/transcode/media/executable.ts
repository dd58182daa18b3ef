import { access, chmod, constants, copyFile, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

/** A program that can be started: the file itself, or a copy where it may not be run, as an archive unpacked without modes leaves it. */
export async function executable(path: string): Promise<string> {
  try {
    await access(path, constants.X_OK)
    return path
  } catch {
    const copy = join(await mkdtemp(join(tmpdir(), 'tapedeck-')), basename(path))
    await copyFile(path, copy)
    await chmod(copy, 0o700)
    return copy
  }
}
