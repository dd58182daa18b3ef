import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { storageClasses, type StorageClass } from '../storage-class.ts'
import type { Choice, Holding } from './holding.ts'
import { defaultLevels } from './levels.ts'
import { choose, type PolicySettings } from './policy.ts'
import { movingCost, storagePerDay } from './storage-prices.ts'

const mib = 2 ** 20

const holding = (rest: Partial<Holding> = {}): Holding => ({
  bytes: 50 * mib,
  storageClass: 'STANDARD',
  daysInClass: 60,
  ageDays: 60,
  idleDays: 60,
  heat: 0,
  perAccess: { bytes: 50 * mib, requests: 1 },
  ...rest,
})

const byCount: PolicySettings = { policy: 'count', halfLifeDays: 30, graceDays: 1 }
const byCost: PolicySettings = { ...byCount, policy: 'cost' }

describe('Either policy', () => {
  it('leaves a new object alone until its grace is over', () => {
    for (const settings of [byCount, byCost])
      assert.deepEqual(choose(holding({ ageDays: 0.25, idleDays: 0.25 }), defaultLevels, settings), {
        storageClass: 'STANDARD',
        againInDays: 0.75,
      })
  })
})

describe('The policy by count', () => {
  const chosen = (heat: number, halfLifeDays = 30, storageClass: StorageClass = 'STANDARD'): Choice =>
    choose(holding({ heat, storageClass }), defaultLevels, { ...byCount, halfLifeDays })
  const classAt = (heat: number, present?: StorageClass): string => chosen(heat, 30, present).storageClass

  it('lets an object stay until it is well below the range of its level, lest it go as soon as it has come', () => {
    assert.equal(classAt(999.99, 'NEARLINE'), 'NEARLINE')
    assert.equal(classAt(899, 'NEARLINE'), 'COLDLINE')
    assert.equal(classAt(999.99, 'COLDLINE'), 'COLDLINE')
    assert.ok(chosen(1000).againInDays > 1)
  })

  it('takes the class of the level in whose range the heat is', () => {
    assert.deepEqual(chosen(0), { storageClass: 'COLDLINE', againInDays: Infinity })
    assert.equal(classAt(1000), 'NEARLINE')
    assert.equal(classAt(3600), 'STANDARD')
    assert.equal(chosen(3600).againInDays, 30)
  })

  it('never asks again where nothing cools', () => {
    assert.deepEqual(chosen(4000, 0), { storageClass: 'STANDARD', againInDays: Infinity })
  })
})

describe('The policy by cost', () => {
  const classFor = (rest: Partial<Holding>): string =>
    choose(holding(rest), defaultLevels, byCost).storageClass

  it('keeps at hand what is asked for every day', () => {
    assert.equal(classFor({ heat: 40, idleDays: 0 }), 'STANDARD')
  })

  it('puts far away what nobody has asked for in months', () => {
    const storageClass = classFor({ ageDays: 200, daysInClass: 200, idleDays: 200 })
    assert.ok(storageClass === 'ARCHIVE' || storageClass === 'COLDLINE', storageClass)
  })

  it('fetches back what is in demand again', () => {
    assert.equal(
      classFor({ storageClass: 'COLDLINE', heat: 60, idleDays: 0, ageDays: 200, daysInClass: 100 }),
      'STANDARD',
    )
  })

  it('leaves small objects at hand: a move costs more than all that it could save', () => {
    assert.equal(classFor({ bytes: 2000, perAccess: { bytes: 2000, requests: 1 } }), 'STANDARD')
  })

  it('counts requests as well as bytes: many small reads keep an object at hand that one large one would not', () => {
    const rest = { heat: 3, ageDays: 40, daysInClass: 40, bytes: 200 * mib }
    const distance = (requests: number): number =>
      storageClasses.indexOf(
        choose(holding({ ...rest, perAccess: { bytes: mib, requests } }), defaultLevels, byCost).storageClass,
      )
    assert.ok(distance(2000) < distance(1))
  })

  it('fetches back later what would be charged for its minimum duration', () => {
    const leastHeat = (daysInClass: number): number => {
      for (let heat = 0; ; heat += 0.25) {
        const rest = { storageClass: 'COLDLINE', ageDays: 200, idleDays: 0, daysInClass, heat } as const
        if (classFor(rest) === 'STANDARD') return heat
      }
    }
    assert.ok(leastHeat(1) > leastHeat(90))
  })

  it('stays with what it has chosen: asked at once again, it moves nothing', () => {
    const anything = fc.record({
      bytes: fc.integer({ min: 1, max: 2 ** 32 }),
      heat: fc.double({ min: 0, max: 5000, noNaN: true }),
      ageDays: fc.double({ min: 1, max: 2000, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      idle: fc.double({ min: 0, max: 1, noNaN: true }),
      storageClass: fc.constantFrom(...storageClasses),
      requests: fc.integer({ min: 1, max: 50 }),
    })
    fc.assert(
      fc.property(anything, ({ bytes, heat, ageDays, share, idle, storageClass, requests }) => {
        const idleDays = idle * ageDays
        const before = { bytes, heat, ageDays, idleDays, storageClass, perAccess: { bytes, requests } }
        const first = choose({ ...before, daysInClass: share * ageDays }, defaultLevels, byCost)
        assert.ok(first.againInDays > 0, 'a time to ask again that is still to come')
        const after = { ...before, storageClass: first.storageClass, daysInClass: 0 }
        if (first.storageClass === storageClass) return
        assert.equal(choose(after, defaultLevels, byCost).storageClass, first.storageClass)
      }),
    )
  })
})

describe('A move', () => {
  it('costs an operation of the class to which it goes, and our own records', () => {
    const cost = movingCost(0, 'STANDARD', 'COLDLINE', 0)
    assert.ok(cost > 0.02e-3 && cost < 0.03e-3, String(cost))
  })

  it('costs reading, and the rest of the minimum, of the class from which it goes', () => {
    const bytes = 2 ** 30
    const whole = movingCost(bytes, 'COLDLINE', 'STANDARD', 90)
    assert.ok(Math.abs(whole - 0.02) < 1e-4)
    const early = movingCost(bytes, 'COLDLINE', 'STANDARD', 30) - whole
    assert.ok(Math.abs(early - 60 * storagePerDay(bytes, 'COLDLINE')) < 1e-12)
  })
})
