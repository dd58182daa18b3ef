import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { storageClasses } from '../../lib/storage-class.ts'
import { byClass } from '../../web/tiers/by-class.ts'

describe('What is kept, by storage class', () => {
  it('adds up the levels of each class, and has nothing in the others', () => {
    const none = { objects: 0, bytes: 0, costPerMonth: 0 }
    assert.deepEqual(
      byClass([
        { storageClass: 'COLDLINE', objects: 2, bytes: 1000, costPerMonth: 0.25 },
        { storageClass: 'STANDARD', objects: 1, bytes: 10, costPerMonth: 0.5 },
        { storageClass: 'COLDLINE', objects: 3, bytes: 500, costPerMonth: 0.5 },
      ]),
      {
        STANDARD: { objects: 1, bytes: 10, costPerMonth: 0.5 },
        NEARLINE: none,
        COLDLINE: { objects: 5, bytes: 1500, costPerMonth: 0.75 },
        ARCHIVE: none,
      },
    )
  })

  it('loses nothing', () => {
    const level = fc.record({
      storageClass: fc.constantFrom(...storageClasses),
      objects: fc.nat(),
      bytes: fc.nat(),
      costPerMonth: fc.nat(),
    })
    fc.assert(
      fc.property(fc.array(level), (levels) => {
        const sums = Object.values(byClass(levels))
        for (const measure of ['objects', 'bytes', 'costPerMonth'] as const)
          assert.equal(
            sums.reduce((sum, use) => sum + use[measure], 0),
            levels.reduce((sum, use) => sum + use[measure], 0),
          )
      }),
    )
  })
})
