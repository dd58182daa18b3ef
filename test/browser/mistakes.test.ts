import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { storageClasses } from '../../lib/storage-class.ts'
import { defaultLevels, levelList, type Level } from '../../lib/tiers/levels.ts'
import { draftOf, levelsOf, type Draft } from '../../web/tiers/drafts.ts'
import { mistakesIn } from '../../web/tiers/mistakes.ts'

const storageClass = fc.constantFrom(...storageClasses)
const name = fc.oneof(
  { weight: 20, arbitrary: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/) },
  fc.constantFrom('', '-', 'Gold', 'a b', 'gold\n', 'a'.repeat(33), '금', 'gold'),
)

/** Levels whose ranges follow one another, in any order. */
const sound = fc
  .array(fc.record({ name, storageClass, length: fc.integer({ min: 1, max: 2000 }) }), {
    minLength: 1,
    maxLength: 20,
  })
  .map((parts) => {
    let next = 0
    return parts.map(({ length, ...level }) => {
      const minCount = next
      next += length
      return { ...level, minCount, maxCount: next - 1 }
    })
  })
  .chain((levels) => fc.shuffledSubarray(levels, { minLength: levels.length }))

/** What may be typed in place of a count. */
const typed = fc.oneof(
  fc.integer({ min: -2, max: 3000 }).map(String),
  fc.constantFrom('', 'many', '1.5', ' 7 ', '007', '9007199254740991', '9007199254740992'),
)

/** Such levels, of which a few counts may have been typed over. */
const drafts: fc.Arbitrary<Draft[]> = sound.chain((levels) =>
  fc
    .array(
      fc.record({
        place: fc.nat(levels.length - 1),
        field: fc.constantFrom('minCount' as const, 'maxCount' as const),
        text: typed,
      }),
      { maxLength: 2 },
    )
    .map((changes) =>
      levels.map((level, key) => {
        const own = changes.filter(({ place }) => place === key)
        return { ...draftOf(level, key), ...Object.fromEntries(own.map(({ field, text }) => [field, text])) }
      }),
    ),
)

const numberOf = (text: string): number => (text.trim() === '' ? Number.NaN : Number(text))

/** As they would be asked for. */
const asked = (table: readonly Draft[]): Level[] =>
  table.map(({ key: _key, ...draft }) => ({
    ...draft,
    minCount: numberOf(draft.minCount),
    maxCount: numberOf(draft.maxCount),
  }))

describe('The table of levels', () => {
  it('says that something is wrong just where the server would refuse it', () => {
    let accepted = 0
    fc.assert(
      fc.property(drafts, (table) => {
        const { success } = levelList.safeParse(asked(table))
        accepted += Number(success)
        assert.equal(mistakesIn(table).length === 0, success)
      }),
      { numRuns: 2000 },
    )
    // Of both kinds there were many.
    assert.ok(accepted > 200 && accepted < 1800, `${accepted}`)
  })

  it('is sent as the server gives it back', () => {
    fc.assert(
      fc.property(drafts, (table) => {
        if (mistakesIn(table).length > 0) return
        const sent = levelsOf(table).map(({ key: _key, ...level }) => level)
        assert.deepEqual(levelList.parse(sent), sent)
      }),
    )
  })

  const changed = (place: number, change: Partial<Draft>): Draft[] =>
    defaultLevels.map((level, key) => Object.assign(draftOf(level, key), key === place && change))

  it('says what is wrong where', () => {
    assert.deepEqual(mistakesIn(changed(1, { minCount: '1001' })), [
      { key: 1, field: 'minCount', mistake: { kind: 'gap', expected: 1000 } },
    ])
    assert.deepEqual(mistakesIn(changed(1, { minCount: '999' })), [
      { key: 1, field: 'minCount', mistake: { kind: 'overlap', expected: 1000 } },
    ])
    assert.deepEqual(mistakesIn(changed(2, { name: 'silver' })), [
      { key: 2, field: 'name', mistake: { kind: 'sameName' } },
    ])
    assert.deepEqual(mistakesIn(changed(2, { name: 'Gold', maxCount: '5' })), [
      { key: 2, field: 'name', mistake: { kind: 'name' } },
      { key: 2, field: 'maxCount', mistake: { kind: 'reversed' } },
    ])
    assert.deepEqual(mistakesIn(changed(0, { maxCount: 'many' })), [
      { key: 0, field: 'maxCount', mistake: { kind: 'noCount' } },
    ])
  })
})
