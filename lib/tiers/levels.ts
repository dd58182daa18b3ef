import * as z from 'zod'
import { storageClasses, type StorageClass } from '../storage-class.ts'

/** A range of access counts, and the storage class that such objects belong in. */
export interface Level {
  name: string
  minCount: number
  maxCount: number
  storageClass: StorageClass
}

export const defaultLevels: readonly Level[] = [
  { name: 'bronze', minCount: 0, maxCount: 999, storageClass: 'COLDLINE' },
  { name: 'silver', minCount: 1000, maxCount: 1999, storageClass: 'NEARLINE' },
  { name: 'gold', minCount: 2000, maxCount: 2999, storageClass: 'STANDARD' },
]

const count = z
  .int('must be a whole number')
  .min(0, 'must be at least 0')
  .max(Number.MAX_SAFE_INTEGER, 'must be at most 9007199254740991')

const level = z.strictObject({
  name: z
    .string({ error: 'must be a text' })
    .regex(/^[a-z0-9][a-z0-9_-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9, dash, underscore'),
  minCount: count,
  maxCount: count,
  storageClass: z.enum(storageClasses, { error: `must be one of ${storageClasses.join(', ')}` }),
})

/** A whole table of levels, from the lowest to the highest: each count from 0 on is in exactly one of them. */
export const levelTable = z
  .array(level, { error: 'must be a list of levels' })
  .min(1, 'must have at least one level')
  .max(50, 'must have at most 50 levels')
  .transform((levels) => levels.toSorted((a, b) => a.minCount - b.minCount))
  .superRefine((levels, context) => {
    const names = new Set<string>()
    let next = 0
    for (const [place, { name, minCount, maxCount }] of levels.entries()) {
      const say = (field: string, message: string): void =>
        context.addIssue({ code: 'custom', path: [place, field], message })
      if (names.has(name)) say('name', `${name} is the name of another level, too`)
      names.add(name)
      if (maxCount < minCount) say('maxCount', `must be at least minCount, ${minCount}`)
      if (minCount > next) say('minCount', `leaves a gap: ${counts(next, minCount - 1)} in no level`)
      if (minCount < next) say('minCount', `overlaps: ${counts(minCount, next - 1)} in the level before, too`)
      next = Math.max(next, maxCount + 1)
    }
  })

const counts = (first: number, last: number): string =>
  first === last ? `${first} is` : `${first} to ${last} are`

/** The level that a count belongs to; above the highest `maxCount`, the highest. A count need not be whole: heat is not. */
export function levelOf(levels: readonly Level[], count: number): Level {
  const found = levels.findLast(({ minCount }) => minCount <= count) ?? levels[0]
  if (!found) throw new Error('There are no levels.')
  return found
}

/** The table once an object has had this count: a count above the highest `maxCount` raises it. The same table, where it fits. */
export function raised(levels: readonly Level[], count: number): readonly Level[] {
  const highest = levels.at(-1)
  if (!highest || count <= highest.maxCount) return levels
  return [...levels.slice(0, -1), { ...highest, maxCount: Math.ceil(count) }]
}
