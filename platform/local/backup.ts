import { constants } from 'node:fs'
import { copyFile, mkdir, mkdtemp, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { databaseFile } from './database.ts'
import { secretFiles } from './secrets.ts'

export interface Backup {
  /** Files with the bytes of objects and of uploads under way. */
  files: number
  /** Of all of them. */
  bytes: number
}

/** A moment at which every file is still there is found at once, unless objects go by the hundred. */
const mostTries = 20

/**
 * Copies a data directory into the new folder `target`, as it is at one moment, while a server may be at work on it. What is
 * under way then goes on where the copy is started. Throws an Error for people.
 */
export async function backUp(dataDir: string, target: string): Promise<Backup> {
  if ((await sizeOf(databaseFile(dataDir))) < 0) throw new Error(`There is nothing to back up in ${dataDir}.`)
  if ((await sizeOf(target)) >= 0) throw new Error(`${target} exists already. Name a folder that does not.`)
  // Whatever ends this in the middle leaves nothing that looks whole. There are secrets in it, which this keeps from others.
  const partial = await mkdtemp(`${resolve(target)}.partial-`)
  try {
    await mkdir(join(partial, 'objects'))
    const backup = await copy(dataDir, partial)
    // First: what cannot be opened shall not fail what is done.
    await using parent = await open(dirname(partial), 'r')
    await rename(partial, target)
    await parent.sync()
    return backup
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    throw error
  }
}

async function copy(dataDir: string, target: string): Promise<Backup> {
  // What is large is copied before the moment is chosen: from then on what was there may go.
  for (const file of await readdir(join(dataDir, 'objects'))) await copyIfThere(dataDir, target, file)
  for (let tries = 0; tries < mostTries; tries++) {
    await rm(databaseFile(target), { force: true })
    const files = snapshot(dataDir, target)
    if (!(await complete(dataDir, target, files))) continue
    for (const file of await readdir(join(target, 'objects')))
      if (!files.has(file)) await rm(join(target, 'objects', file))
    for (const secret of secretFiles) await copyIfThere(dataDir, target, secret, '.')
    for (const path of [databaseFile(target), join(target, 'objects'), target]) await sync(path)
    return { files: files.size, bytes: [...files.values()].reduce((sum, size) => sum + size, 0) }
  }
  throw new Error(`${dataDir} changes faster than it can be copied. Try again when less is deleted.`)
}

/** Copies the database as it is now; gives the files that it names, with how many of their bytes it counts on. */
function snapshot(dataDir: string, target: string): Map<string, number> {
  const source = new DatabaseSync(databaseFile(dataDir), { readOnly: true, timeout: 5000 })
  try {
    source.prepare('VACUUM INTO ?').run(databaseFile(target))
  } finally {
    source.close()
  }
  const copied = new DatabaseSync(databaseFile(target), { readOnly: true })
  try {
    const rows = copied
      .prepare(
        `SELECT file, size FROM stored_objects
         UNION ALL SELECT file, stored AS size FROM upload_sessions WHERE file IS NOT NULL`,
      )
      .all()
    return new Map(rows.map(({ file, size }) => [String(file), Number(size)]))
  } finally {
    copied.close()
  }
}

/** Copies what is missing; whether everything is there then. A file only ever grows, and its end may be newer than the database. */
async function complete(dataDir: string, target: string, files: Map<string, number>): Promise<boolean> {
  for (const [file, size] of files) {
    const copied = join(target, 'objects', file)
    if ((await sizeOf(copied)) >= size) continue
    await copyIfThere(dataDir, target, file)
    if ((await sizeOf(copied)) < size) return false
  }
  return true
}

async function copyIfThere(dataDir: string, target: string, file: string, folder = 'objects'): Promise<void> {
  const copied = join(target, folder, file)
  try {
    await copyFile(join(dataDir, folder, file), copied, constants.COPYFILE_FICLONE)
    await sync(copied)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

/** Of a file its bytes, of a folder the names in it: a power cut takes neither from then on. */
async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** -1 where there is none. */
const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => -1,
  )
