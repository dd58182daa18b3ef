import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { overlap, planSegments, postRoll, preRoll, soundFor, takeApart } from './segments.ts'

const frameSeconds = 1152 / 44100
const framesIn = (seconds: number): number => Math.floor(seconds / frameSeconds)

describe('planning segments', () => {
  it('gives each worker one where the sound is short, of half a minute at least', () => {
    assert.equal(planSegments(framesIn(59), frameSeconds, 2).length, 1)
    assert.equal(planSegments(framesIn(61), frameSeconds, 2).length, 2)
    assert.equal(planSegments(framesIn(61), frameSeconds, 8).length, 2)
    assert.equal(planSegments(framesIn(250), frameSeconds, 2).length, 2)
    assert.equal(planSegments(framesIn(250), frameSeconds, 8).length, 8)
  })

  it('gives each worker equally many where it is long, of five minutes at most', () => {
    for (const workers of [1, 2, 3, 8])
      for (const hours of [0.5, 2, 10]) {
        const segments = planSegments(framesIn(hours * 3600), frameSeconds, workers)
        assert.equal(segments.length % workers, 0)
        for (const { frames = 0 } of segments) assert.ok(frames * frameSeconds < 302)
      }
  })

  it('covers all frames once, and lets all but the first begin where padding repeats', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000), fc.integer({ min: 1, max: 64 }), (frames, workers) => {
        const segments = planSegments(frames, frameSeconds, workers)
        let next = 0
        for (const [index, segment] of segments.entries()) {
          assert.equal(segment.first, next)
          assert.equal(soundFor(segment).from % preRoll, 0)
          assert.equal(segment.frames === undefined, index === segments.length - 1)
          next += segment.frames ?? 0
        }
      }),
    )
  })
})

describe('taking apart what was made for a segment', () => {
  const made = (first: number, count: number): number[] =>
    Array.from({ length: count }, (_, at) => first + at)

  it('leaves each frame to one segment, and has those around a join twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 20_000 }),
        fc.integer({ min: 2, max: 9 }),
        (length, workers) => {
          // As if frames were a second long.
          const segments = planSegments(length, 1, workers)
          const parts = segments.map((segment) => {
            const { from, length: worth = length - from } = soundFor(segment)
            return takeApart(segment, made(from, worth))
          })
          assert.deepEqual(parts.flatMap(({ own }) => own).slice(0, length), made(0, length))
          for (const [index, { tail, endsEarly }] of parts.entries()) {
            const after = parts[index + 1]
            if (!after || endsEarly) continue
            assert.equal(tail.length, overlap)
            assert.deepEqual(tail, after.head)
          }
        },
      ),
    )
  })

  it('keeps back the last frames of a sound that ends before its segment', () => {
    const segment = { first: 490, frames: 490 }
    const whole = preRoll + 490 + overlap + postRoll
    assert.equal(takeApart(segment, made(441, whole)).endsEarly, false)
    const early = takeApart(segment, made(441, 300))
    assert.equal(early.endsEarly, true)
    assert.deepEqual(early.own, made(490, 300 - preRoll - 6))
    assert.deepEqual(takeApart(segment, made(441, 20)).own, [])
  })
})
