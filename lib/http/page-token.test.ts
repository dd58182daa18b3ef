import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newJobId } from '../jobs/names.ts'
import { decodePosition, encodePosition } from './page-token.ts'

describe('The token of a page', () => {
  const at = new Date('2026-11-20T21:34:49.159Z')
  const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

  it('names the place behind which the page begins', () => {
    const id = newJobId()
    for (const name of [id, `${id}.mp3`, `${id}.mp4`])
      assert.deepEqual(decodePosition(encodePosition(at, name)), { value: at, id: name })
  })

  it('is missing on the first page', () => {
    assert.equal(decodePosition(undefined), undefined)
    assert.equal(decodePosition(''), undefined)
  })

  // What a store would have no answer to must not get so far.
  for (const [what, token] of [
    ['no token at all', 'abc'],
    ['no place', encoded({})],
    ['no time', encoded([null, newJobId()])],
    ['a number for a time', encoded([0, newJobId()])],
    ['a time before all calendars', encoded(['-271821-04-20T00:00:00.000Z', newJobId()])],
    ['the year 0', encoded(['0000-06-01T00:00:00.000Z', newJobId()])],
    ['a time that is 10000 somewhere', encoded(['9999-12-31T23:59:59.999-12:00', newJobId()])],
    ['a time after all calendars', encoded(['+275760-09-13T00:00:00.000Z', newJobId()])],
    ['no id', encoded([at, ''])],
    ['a path for an id', encoded([at, `../users/${newJobId()}`])],
    ['a name that the store keeps to itself', encoded([at, '__name__'])],
    ['half a character', encoded([at, '\uD800'])],
    ['too long an id', encoded([at, 'a'.repeat(2000)])],
    ['a third part', encoded([at, newJobId(), 1])],
  ] as const)
    it(`is not made up by somebody else: ${what}`, () => {
      assert.throws(() => decodePosition(token), { code: 'UNPROCESSABLE' })
    })
})
