import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { overlap, planSegments, preRoll, soundFor, takeApart } from './segments.ts'

const frameSeconds = 1152 / 44100
const framesIn = (seconds: number): number => Math.floor(seconds / frameSeconds)

describe('planning segments', () => {
  it('gives each worker one where the sound is short, of half a minute at least', () => {
    assert.equal(planSegments(framesIn(59), frameSeconds, 2).length, 0)
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
        for (const { frames, isLast } of segments) assert.ok(frames * frameSeconds < (isLast ? 315 : 302))
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
          assert.equal(segment.isLast, index === segments.length - 1)
          next += segment.frames
        }
        if (segments.length > 0) assert.ok(next > frames)
      }),
    )
  })

  it('does not believe every length', () => {
    for (const seconds of [1e7, 1e15, Infinity])
      assert.deepEqual(planSegments(Math.floor(seconds / frameSeconds), frameSeconds, 2), [])
  })
})

describe('taking apart what was made for a segment', () => {
  const numbers = (first: number, count: number): number[] =>
    Array.from({ length: Math.max(0, count) }, (_, at) => first + at)

  it('leaves each frame to one segment, and has those around a join twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 20_000 }),
        fc.integer({ min: 2, max: 9 }),
        (length, workers) => {
          // As if frames were a second long.
          const segments = planSegments(length, 1, workers)
          const parts = segments.map((segment) => {
            const { from, length: wanted } = soundFor(segment)
            const there = Math.min(wanted, length - from)
            return takeApart(segment, numbers(from, there), there === wanted)
          })
          assert.deepEqual(
            parts.flatMap(({ own }) => own),
            numbers(0, length),
          )
          for (const [index, { tail }] of parts.slice(0, -1).entries()) {
            assert.equal(tail.length, overlap)
            assert.deepEqual(tail, parts[index + 1]?.head)
          }
        },
      ),
    )
  })

  it('keeps back the last frames of a sound that ends before its segment', () => {
    const segment = { first: 490, frames: 490, isLast: false }
    assert.deepEqual(takeApart(segment, numbers(441, 300), false).own, numbers(490, 300 - preRoll - 6))
    assert.deepEqual(takeApart(segment, numbers(441, 20), false).own, [])
  })

  it('takes all frames of a sound that ends with the last segment, but no more than was planned of one that goes on', () => {
    const segment = { first: 490, frames: 490, isLast: true }
    assert.deepEqual(takeApart(segment, numbers(441, 300), false).own, numbers(490, 300 - preRoll))
    assert.deepEqual(takeApart(segment, numbers(441, 549), false).own, numbers(490, 500))
    assert.deepEqual(takeApart(segment, numbers(441, 551), true).own, numbers(490, 490))
  })
})
