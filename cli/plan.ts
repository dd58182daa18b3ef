import { access, constants, mkdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { renamed } from '../lib/jobs/names.ts'
import { exists } from './download.ts'

/** A file and the MP3 that it shall become, as paths. */
export interface Task {
  file: string
  target: string
}

/** Thrown where nothing can be begun at all. */
export class PlanError extends Error {
  override readonly name = 'PlanError'
}

/** Which file becomes which MP3. Throws PlanError where two would become the same. */
export function planTasks(files: string[], out: string | undefined): Task[] {
  const tasks = files.map((file) => ({
    file,
    target: join(out ?? dirname(file), renamed(basename(file), '.mp3')),
  }))
  const byTarget = Map.groupBy(tasks, ({ target }) => resolve(target))
  const clashes = [...byTarget.values()].filter((group) => group.length > 1)
  if (clashes.length === 0) return tasks
  const lines = clashes.map(
    (group) =>
      `${group.map(({ file }) => file).join(' and ')} would become the same MP3, ${group[0]?.target}.`,
  )
  throw new PlanError(
    `${lines.join('\n')}\nNothing was converted: convert them separately, into different folders.`,
  )
}

/** Creates the folder for the MP3s. Throws PlanError. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (error) {
    throw new PlanError(`The folder ${folder} cannot be created: ${codeOf(error)}. Nothing was converted.`)
  }
}

export interface CheckOptions {
  overwrite: boolean
  /** Every file that shall be converted. */
  files: string[]
}

/** The file's size in bytes. Throws an Error for people where it cannot be converted, or its MP3 not be written. */
export async function checkTask({ file, target }: Task, { overwrite, files }: CheckOptions): Promise<number> {
  const size = await checkFile(file)
  if (files.some((other) => resolve(other) === resolve(target))) {
    throw new Error(
      `Its MP3 would replace ${target}, which is to be converted itself. Choose another folder with --out.`,
    )
  }
  if (!overwrite && (await exists(target))) {
    throw new Error(`${target} exists already. Use --overwrite to replace it, or --out for another folder.`)
  }
  await access(dirname(target), constants.W_OK).catch((error: unknown) => {
    throw new Error(
      `The folder ${dirname(target)} cannot be written to (${codeOf(error)}). Use --out for another one.`,
    )
  })
  return size
}

async function checkFile(file: string): Promise<number> {
  const found = await stat(file).catch((error: unknown) => {
    throw new Error(
      codeOf(error) === 'ENOENT' ? 'There is no such file.' : `It cannot be read (${codeOf(error)}).`,
    )
  })
  if (found.isDirectory()) throw new Error('It is a folder. Name the files in it.')
  if (!found.isFile()) throw new Error('It is not a regular file.')
  if (found.size === 0) throw new Error('It is empty.')
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw new Error(`It cannot be read (${codeOf(error)}).`)
  })
  return found.size
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error)
