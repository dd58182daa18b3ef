import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { storageClasses } from '../storage-class.ts'
import { changedLevels, defaultLevels, levelList, levelOf, levelWith, raised, type Level } from './levels.ts'

const level = (name: string, minCount: number, maxCount: number, storageClass = 'COLDLINE'): unknown => ({
  name,
  minCount,
  maxCount,
  storageClass,
})

/** What is wrong with a table, each as `place.field: why`. */
const mistakes = (table: unknown): string[] =>
  levelList.safeParse(table).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

describe('A table of levels', () => {
  it('is taken in any order, and sorted by count', () => {
    const [bronze, silver, gold] = defaultLevels
    assert.deepEqual(levelList.parse([gold, bronze, silver]), defaultLevels)
  })

  it('may have a level more, in any class', () => {
    const added = [...defaultLevels, level('platinum', 3000, 9999, 'STANDARD')]
    assert.deepEqual(mistakes(added), [])
    assert.deepEqual(mistakes([level('all', 0, 5, 'ARCHIVE')]), [])
  })

  it('is refused with a gap, in the words of the count that is missing', () => {
    assert.deepEqual(mistakes([level('low', 0, 9), level('high', 20, 29)]), [
      '1.minCount: must be 10: no level has the counts from there to 19',
    ])
    assert.deepEqual(mistakes([level('low', 1, 9)]), [
      '0.minCount: must be 0: no level has the counts from there to 0',
    ])
  })

  it('is refused with an overlap', () => {
    assert.deepEqual(mistakes([level('low', 0, 9), level('high', 9, 29)]), [
      '1.minCount: must be 10: low and high overlap',
    ])
  })

  it('is refused with other classes, names, counts or fields than there can be', () => {
    const wrong = mistakes([{ ...(level('Low!', 0.5, -1, 'LUKEWARM') as object), colour: 'red' }]).join('\n')
    for (const part of [
      '0.name: must be 1 to 32',
      '0.minCount: must be a whole',
      '0.maxCount: must be 0 or more',
    ])
      assert.ok(wrong.includes(part), part)
    assert.match(wrong, /0\.storageClass: must be one of STANDARD, NEARLINE, COLDLINE, ARCHIVE/)
    assert.match(wrong, /colour/)
    assert.ok(mistakes([level('low', 5, 4)]).includes('0.maxCount: must not be less than minCount'))
    assert.deepEqual(mistakes([level('low', 0, 9), level('low', 10, 19)]), ['1.name: low is there twice'])
    assert.deepEqual(mistakes([]), [': must have at least one level'])
  })

  it('has exactly one level for every count, however it is made up', () => {
    const tables = fc
      .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { maxLength: 10 }), fc.nat(10_000))
      .map(([cuts, above]) => {
        const starts = [0, ...cuts.toSorted((one, other) => one - other)]
        return starts.map((minCount, place): Level => ({
          name: `level-${place}`,
          minCount,
          maxCount: (starts[place + 1] ?? minCount + above + 1) - 1,
          storageClass: storageClasses[place % 4] ?? 'STANDARD',
        }))
      })
    fc.assert(
      fc.property(tables, fc.nat(30_000), (table, count) => {
        assert.deepEqual(levelList.parse(table.toReversed()), table)
        const { minCount, maxCount, name } = levelOf(table, count)
        assert.ok(minCount <= count && (count <= maxCount || name === table.at(-1)?.name))
      }),
    )
  })
})

describe('The level', () => {
  it('of a count is the one whose range has it; of one above all ranges, the highest', () => {
    for (const [count, name] of [
      [0, 'bronze'],
      [999, 'bronze'],
      [1000, 'silver'],
      [2000, 'gold'],
      [9e9, 'gold'],
    ] as const)
      assert.equal(levelOf(defaultLevels, count).name, name)
  })

  it('of a heat between two counts is that of the lower one', () => {
    assert.equal(levelOf(defaultLevels, 999.9).name, 'bronze')
  })

  it('of a class is the one that has the class, the one by count if several have it', () => {
    assert.equal(levelWith(defaultLevels, 'STANDARD', 0)?.name, 'gold')
    assert.equal(levelWith(defaultLevels, 'ARCHIVE', 0), undefined)
    const twice = levelList.parse([level('a', 0, 9), level('b', 10, 19)])
    assert.equal(levelWith(twice, 'COLDLINE', 12)?.name, 'b')
  })
})

describe('The highest level', () => {
  it('is raised to a count above it, and no other level changes', () => {
    assert.deepEqual(raised(defaultLevels, 5000), [
      ...defaultLevels.slice(0, 2),
      { ...defaultLevels[2], maxCount: 5000 },
    ])
  })

  it('stays where the count is not above it', () => {
    assert.equal(raised(defaultLevels, 2999), defaultLevels)
  })

  it('is never raised above what a table may have', () => {
    const most = raised(defaultLevels, Number.MAX_SAFE_INTEGER + 1)
    assert.deepEqual(levelList.parse(most), most)
    assert.equal(raised(most, Number.MAX_SAFE_INTEGER + 1), most)
  })
})

describe('What has changed between two tables', () => {
  it('is every level that is gone, or has another range or class', () => {
    const next = levelList.parse([
      level('bronze', 0, 499),
      level('tin', 500, 1999, 'NEARLINE'),
      defaultLevels[2],
    ])
    assert.deepEqual(changedLevels(defaultLevels, next), ['bronze', 'silver'])
  })

  it('is not the end of the highest', () => {
    assert.deepEqual(changedLevels(defaultLevels, raised(defaultLevels, 5000)), [])
  })

  it('is what was in no level, where a class has got one', () => {
    const next = [{ ...defaultLevels[0], storageClass: 'ARCHIVE' } as Level, ...defaultLevels.slice(1)]
    assert.deepEqual(changedLevels(defaultLevels, next), ['bronze', ''])
  })
})
