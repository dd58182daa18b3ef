import type { Level } from '../../lib/tiers/levels.ts'

/** A level as it is being typed: a count may be no number yet. */
export interface Draft extends Omit<Level, 'minCount' | 'maxCount'> {
  /** Stays the same while the rest is changed. */
  key: number
  minCount: string
  maxCount: string
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

/** A further one, which begins where the last one ends. */
export function draftBehind(drafts: readonly Draft[]): Draft {
  const end = levelsOf(drafts).at(-1)?.maxCount ?? Number.NaN
  const from = Number.isFinite(end) ? end + 1 : 0
  const key = Math.max(-1, ...drafts.map((draft) => draft.key)) + 1
  return { key, name: '', minCount: String(from), maxCount: String(from + 999), storageClass: 'STANDARD' }
}

/** Whether what is typed differs from these levels. */
export const isChanged = (drafts: readonly Draft[], levels: readonly Level[]): boolean =>
  JSON.stringify(drafts.map(withoutKey)) !== JSON.stringify(levels.map(draftOf).map(withoutKey))

const withoutKey = ({ key: _key, ...draft }: Draft): Omit<Draft, 'key'> => draft
