import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { indexFor, indexes, type Direction, type Index } from './indexes.ts'

const index = (...fields: [field: string, direction: Direction][]): Index => ({ collection: 'jobs', fields })
const query = {
  collection: 'jobs',
  equal: [] as string[],
  ranged: [] as string[],
  orderBy: undefined as [string, Direction] | undefined,
}

describe('The index of a query', () => {
  it('of one field is automatic, whichever direction and however many conditions', () => {
    for (const one of [
      { equal: ['a'] },
      { ranged: ['a', 'a'] },
      { orderBy: ['a', 'desc'] as [string, Direction] },
      { ranged: ['a'], orderBy: ['a', 'desc'] as [string, Direction] },
    ]) {
      assert.equal(indexFor({ ...query, ...one }, []), 'automatic')
    }
  })

  it('has the fields that must be equal first, in any order, then the order', () => {
    const right = index(['a', 'asc'], ['b', 'asc'], ['c', 'desc'])
    for (const equal of [
      ['a', 'b'],
      ['b', 'a'],
    ]) {
      assert.equal(indexFor({ ...query, equal, orderBy: ['c', 'desc'] }, [right]), right)
    }
    assert.equal(indexFor({ ...query, equal: ['a', 'b'], orderBy: ['c', 'asc'] }, [right]), undefined)
    assert.equal(indexFor({ ...query, equal: ['a', 'c'], orderBy: ['b', 'asc'] }, [right]), undefined)
  })

  it('has the other ranges last, by name and in the direction of the order', () => {
    const right = index(['a', 'asc'], ['z', 'desc'], ['b', 'desc'], ['c', 'desc'])
    const ranges = {
      ...query,
      equal: ['a'],
      ranged: ['c', 'b', 'b'],
      orderBy: ['z', 'desc'] as [string, Direction],
    }
    assert.equal(indexFor(ranges, [right]), right)
    const wrong = index(['a', 'asc'], ['z', 'desc'], ['b', 'asc'], ['c', 'asc'])
    assert.equal(indexFor(ranges, [wrong]), undefined)
  })

  it('has what is to be summed at its end', () => {
    const right = index(['a', 'asc'], ['b', 'asc'], ['c', 'asc'])
    const summed = { ...query, equal: ['a'], ranged: ['b'], orderBy: ['b', 'asc'] as [string, Direction] }
    assert.equal(indexFor({ ...summed, summed: 'c' }, [right]), right)
    assert.equal(indexFor({ ...summed, summed: 'd' }, [right]), undefined)
    assert.equal(indexFor(summed, [right]), undefined)
  })

  it('has no other field: a record without that one would not be in it', () => {
    const more = index(['a', 'asc'], ['b', 'desc'], ['c', 'desc'])
    assert.equal(indexFor({ ...query, equal: ['a'], orderBy: ['b', 'desc'] }, [more]), undefined)
  })

  it("is never another collection's", () => {
    const other = { ...index(['a', 'asc'], ['b', 'asc']), collection: 'users' }
    assert.equal(indexFor({ ...query, equal: ['a'], orderBy: ['b', 'asc'] }, [other]), undefined)
  })
})

it('No index is listed twice', () => {
  const names = indexes.map((each) => JSON.stringify(each))
  assert.equal(new Set(names).size, names.length)
})
