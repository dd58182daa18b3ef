import type { Level } from '../../lib/tiers/levels.ts'

/** A level as it is being typed: a count may be no number yet. */
export interface Draft extends Omit<Level, 'minCount' | 'maxCount'> {
  /** Stays the same while the rest is changed. */
  key: number
  minCount: string
  maxCount: string
}

export type Mistake =
  | { kind: 'name' | 'sameName' | 'noCount' | 'reversed' }
  | { kind: 'gap' | 'overlap'; expected: number }

/** What is wrong with one field of a table. */
export interface Located {
  key: number
  field: 'name' | 'minCount' | 'maxCount'
  mistake: Mistake
}

const countOf = (typed: string): number | undefined =>
  /^\d+$/.test(typed.trim()) && Number.isSafeInteger(Number(typed)) ? Number(typed) : undefined

/** What the server would refuse of a table: names, counts, and ranges that leave a gap or overlap. */
export function mistakesIn(drafts: readonly Draft[]): Located[] {
  const found: Located[] = []
  const say = (key: number, field: Located['field'], mistake: Mistake): void =>
    void found.push({ key, field, mistake })
  const names = drafts.map(({ name }) => name)
  for (const [place, { key, name, minCount, maxCount }] of drafts.entries()) {
    if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) say(key, 'name', { kind: 'name' })
    else if (names.indexOf(name) < place) say(key, 'name', { kind: 'sameName' })
    const [min, max] = [countOf(minCount), countOf(maxCount)]
    if (min === undefined) say(key, 'minCount', { kind: 'noCount' })
    if (max === undefined) say(key, 'maxCount', { kind: 'noCount' })
    else if (min !== undefined && max < min) say(key, 'maxCount', { kind: 'reversed' })
  }
  // Where a number is missing, nobody can say how the ranges follow one another.
  if (found.some(({ field }) => field !== 'name')) return found
  let expected = 0
  for (const { key, minCount, maxCount } of levelsOf(drafts)) {
    if (minCount > expected) say(key, 'minCount', { kind: 'gap', expected })
    if (minCount < expected) say(key, 'minCount', { kind: 'overlap', expected })
    expected = maxCount + 1
  }
  return found
}

/** The levels that are typed, by count. */
export const levelsOf = (drafts: readonly Draft[]): (Level & { key: number })[] =>
  drafts
    .map((draft) => ({ ...draft, minCount: Number(draft.minCount), maxCount: Number(draft.maxCount) }))
    .toSorted((one, other) => one.minCount - other.minCount)

export const draftOf = (level: Level, key: number): Draft => ({
  ...{ key, name: level.name, storageClass: level.storageClass },
  minCount: String(level.minCount),
  maxCount: String(level.maxCount),
})
