import * as z from 'zod'
import type { Collection } from '../collection.ts'
import { storageClasses, type StorageClass } from '../storage-class.ts'
import { levelName, mostLevels } from './level-rules.ts'

/** Objects that are asked for so often are kept so. */
export interface Level {
  name: string
  /** Both included. */
  minCount: number
  maxCount: number
  storageClass: StorageClass
}

/** All levels are one record, `levels/table`, so that they change as a whole. */
export interface LevelTable {
  /** By count, from 0 on, without gap or overlap. */
  levels: Level[]
  /** Levels that have been changed or removed: their objects are still to be looked at, from `dueAt` on. */
  changed?: string[]
  dueAt?: Date
  updatedAt: Date
}

export const levelTables: Collection<LevelTable> = { name: 'levels' }
export const levelTableId = 'table'

/** The levels that hold until somebody sets others. */
export const defaultLevels: readonly Level[] = [
  { name: 'bronze', minCount: 0, maxCount: 999, storageClass: 'COLDLINE' },
  { name: 'silver', minCount: 1000, maxCount: 1999, storageClass: 'NEARLINE' },
  { name: 'gold', minCount: 2000, maxCount: 2999, storageClass: 'STANDARD' },
]

const count = z
  .int({ error: 'must be a whole number' })
  .min(0, 'must be 0 or more')
  .max(Number.MAX_SAFE_INTEGER, 'is too large')

const level = z
  .strictObject({
    name: z
      .string({ error: 'must be a text' })
      .regex(levelName, 'must be 1 to 32 of a-z, 0-9 and dash, not beginning with a dash'),
    minCount: count,
    maxCount: count,
    storageClass: z.enum(storageClasses, { error: `must be one of ${storageClasses.join(', ')}` }),
  })
  .refine(({ minCount, maxCount }) => minCount <= maxCount, {
    message: 'must not be less than minCount',
    path: ['maxCount'],
  })

/** A table of levels as a request brings it; what comes out is sorted. Refuses gaps, overlaps, names and classes. */
export const levelList = z
  .array(level, { error: 'must be a list' })
  .min(1, 'must have at least one level')
  .max(mostLevels, `must have at most ${mostLevels} levels`)
  .superRefine((levels, issues) => {
    const refuse = (place: number, field: keyof Level, message: string): void =>
      issues.addIssue({ code: 'custom', message, path: [place, field] })
    const names = levels.map(({ name }) => name)
    for (const [place, name] of names.entries())
      if (names.indexOf(name) < place) refuse(place, 'name', `${name} is there twice`)
    const sorted = [...levels.entries()].toSorted(([, one], [, other]) => one.minCount - other.minCount)
    let next = 0
    let before = 'the counts'
    for (const [place, { name, minCount, maxCount }] of sorted) {
      if (minCount > next)
        refuse(place, 'minCount', `must be ${next}: no level has the counts from there to ${minCount - 1}`)
      if (minCount < next) refuse(place, 'minCount', `must be ${next}: ${before} and ${name} overlap`)
      next = maxCount + 1
      before = name
    }
  })
  .transform((levels) => levels.toSorted((one, other) => one.minCount - other.minCount))

/** The level for objects that are asked for so often; above the highest `maxCount` it is the highest level. */
export function levelOf(levels: readonly Level[], count: number): Level {
  const found = levels.findLast(({ minCount }) => minCount <= count) ?? levels[0]
  if (!found) throw new RangeError('A table has at least one level.')
  return found
}

/** The level of objects that are kept in this class: the one whose range has the count, if several have the class. */
export function levelWith(
  levels: readonly Level[],
  storageClass: StorageClass,
  count: number,
): Level | undefined {
  const byCount = levelOf(levels, count)
  return byCount.storageClass === storageClass
    ? byCount
    : levels.find((level) => level.storageClass === storageClass)
}

/** The table with its highest `maxCount` raised to a count that is above it; the same table if none is. */
export function raised(levels: readonly Level[], count: number): readonly Level[] {
  const top = levels.at(-1)
  // What somebody says as a count may be the largest that there is, and a download more is one more.
  const maxCount = Math.min(count, Number.MAX_SAFE_INTEGER)
  return top && maxCount > top.maxCount ? [...levels.slice(0, -1), { ...top, maxCount }] : levels
}

/**
 * The names of levels that another table does not have, or has with another range or class; a higher end alone is no change.
 * With them the empty name of objects that were in no level, where there is one for them now.
 */
export function changedLevels(before: readonly Level[], after: readonly Level[]): string[] {
  const top = before.at(-1)?.name
  const classes = new Set(before.map(({ storageClass }) => storageClass))
  const hasNewClass = after.some(({ storageClass }) => !classes.has(storageClass))
  const names = before.flatMap((one) => {
    const other = after.find(({ name }) => name === one.name)
    const isSame =
      other?.minCount === one.minCount &&
      other.storageClass === one.storageClass &&
      (other.maxCount === one.maxCount || (one.name === top && after.at(-1)?.name === top))
    return isSame ? [] : one.name
  })
  return hasNewClass ? [...names, ''] : names
}
