import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cooled, daysUntilBelow } from './heat.ts'

const heats = fc.double({ min: 0.001, max: 1e6, noNaN: true })
const spans = fc.double({ min: 0, max: 1000, noNaN: true })
const halfLives = fc.double({ min: 0.1, max: 1000, noNaN: true })
const isNear = (one: number, other: number): void =>
  assert.ok(Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one)), `${one} is not ${other}`)

describe('Heat', () => {
  it('is half after a half-life, and a quarter after two', () => {
    assert.equal(cooled(8, 30, 30), 4)
    assert.equal(cooled(8, 60, 30), 2)
  })

  it('never cools where the half-life is 0', () => {
    assert.equal(cooled(8, 10_000, 0), 8)
    assert.equal(daysUntilBelow(8, 1, 0), Infinity)
  })

  it('cools the same in one go as bit by bit, whenever somebody looks', () => {
    fc.assert(
      fc.property(heats, spans, spans, halfLives, (heat, first, then, halfLife) =>
        isNear(cooled(cooled(heat, first, halfLife), then, halfLife), cooled(heat, first + then, halfLife)),
      ),
    )
  })

  it('falls below a count at just the time that is told beforehand', () => {
    fc.assert(
      fc.property(heats, heats, halfLives, (heat, count, halfLife) => {
        const days = daysUntilBelow(heat, count, halfLife)
        if (heat < count) assert.equal(days, 0)
        else isNear(cooled(heat, days, halfLife), count)
      }),
    )
  })

  it('never falls below nothing', () => {
    assert.equal(daysUntilBelow(5, 0, 30), Infinity)
  })
})
