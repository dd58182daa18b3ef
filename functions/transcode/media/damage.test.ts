import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assess, type Outcome } from './damage.ts'

const sound: Outcome = {
  decodedSeconds: 100,
  promisedSeconds: 100,
  firmPromise: false,
  truncated: false,
  errors: 0,
}
const verdict = (outcome: Partial<Outcome>): string => {
  try {
    const warnings = assess({ ...sound, ...outcome })
    return warnings.map(({ code }) => `warning ${code}`).join() || 'good'
  } catch (error) {
    assert.ok(error instanceof Error && 'code' in error)
    return `fails ${String(error.code)}`
  }
}

describe('assessing the damage', () => {
  for (const [outcome, expected] of [
    [{}, 'good'],
    [{ promisedSeconds: undefined }, 'good'],
    [{ decodedSeconds: 99.95 }, 'good'],
    [{ errors: 3 }, 'warning DAMAGED'],
    [{ errors: 3, decodedSeconds: 90 }, 'warning DAMAGED'],
    [{ errors: 3, decodedSeconds: 89 }, 'fails CORRUPT'],
    [{ errors: 3, promisedSeconds: undefined }, 'warning DAMAGED'],
    [{ truncated: true, decodedSeconds: 90 }, 'warning TRUNCATED'],
    [{ truncated: true, decodedSeconds: 89 }, 'fails TRUNCATED'],
    [{ truncated: true, decodedSeconds: 89, errors: 1 }, 'fails TRUNCATED'],
    [{ truncated: true, promisedSeconds: undefined }, 'warning TRUNCATED'],
    [{ decodedSeconds: 0 }, 'fails CORRUPT'],
    [{ decodedSeconds: 0, promisedSeconds: undefined }, 'fails CORRUPT'],
    [{ decodedSeconds: 0, truncated: true }, 'fails TRUNCATED'],
    [{ decodedSeconds: 0.01, promisedSeconds: 0.1, errors: 1 }, 'warning DAMAGED'],
  ] as const)
    it(`${JSON.stringify(outcome)}: ${expected}`, () => assert.equal(verdict(outcome), expected))

  it('finds nothing wrong with a track that ends before the video', () =>
    assert.equal(verdict({ decodedSeconds: 20 }), 'good'))

  it('finds nothing wrong with a file that only lacks what comes after the sound', () =>
    assert.equal(verdict({ truncated: true, errors: 1 }), 'good'))

  it('takes a container by its word that gives the exact length of the track', () => {
    assert.equal(verdict({ firmPromise: true }), 'good')
    assert.equal(verdict({ firmPromise: true, decodedSeconds: 99.5 }), 'good')
    assert.equal(verdict({ firmPromise: true, decodedSeconds: 95 }), 'warning DAMAGED')
    assert.equal(verdict({ firmPromise: true, decodedSeconds: 50 }), 'fails CORRUPT')
  })

  it('says how much there is', () => {
    const [warning] = assess({ ...sound, promisedSeconds: 3900, decodedSeconds: 3723.42, truncated: true })
    assert.equal(
      warning?.message,
      'The end of the file is missing: the MP3 has 1:02:03.4 of 1:05:00.0 of sound.',
    )
  })
})
