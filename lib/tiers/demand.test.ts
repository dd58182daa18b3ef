import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { expectedDemand, type Demand } from './demand.ts'

const demandFor = (heat: number, ageDays: number, idleDays: number, halfLifeDays = 30): Demand =>
  expectedDemand(
    {
      bytes: 1,
      storageClass: 'STANDARD',
      daysInClass: ageDays,
      ageDays,
      idleDays,
      heat,
      perAccess: { bytes: 1, requests: 1 },
    },
    halfLifeDays,
  )

describe('The demand that is expected', () => {
  it('is less, the longer nobody asks', () => {
    const rates = [0, 5, 20, 60, 200].map((idle) => demandFor(8 * 2 ** (-idle / 30), 40 + idle, idle).perDay)
    assert.deepEqual(
      rates,
      rates.toSorted((one, other) => other - one),
    )
  })

  it('is more, the more have asked', () => {
    const rates = [0, 1, 3, 10, 100].map((heat) => demandFor(heat, 50, 0).perDay)
    assert.deepEqual(
      rates,
      rates.toSorted((one, other) => one - other),
    )
  })

  it('is much where it has been much, but no more', () => {
    // 10 a day for a year, of which those of 30 / ln 2 days count.
    const { perDay } = demandFor((10 * 30) / Math.LN2, 365, 0)
    assert.ok(perDay > 2 && perDay < 10, String(perDay))
  })

  it('fades more slowly, the older an object is that is still asked for', () => {
    assert.ok(demandFor(10, 300, 0).fading < demandFor(10, 5, 0).fading)
  })

  it('is a number whatever the past is', () => {
    const days = fc.double({ min: 0, max: 5000, noNaN: true })
    const halfLives = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 1000, noNaN: true }))
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        days,
        days,
        halfLives,
        (heat, age, idle, half) => {
          const { perDay, fading, shape } = demandFor(heat, age, idle, half)
          for (const figure of [perDay, fading, shape])
            assert.ok(figure > 0 && figure < Infinity, String(figure))
        },
      ),
    )
  })
})
