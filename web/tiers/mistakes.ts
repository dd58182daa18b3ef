import { levelName } from '../../lib/tiers/level-rules.ts'
import { levelsOf, type Draft } from './drafts.ts'

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
    if (!levelName.test(name)) say(key, 'name', { kind: 'name' })
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
