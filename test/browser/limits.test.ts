import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { changeOf, draftsOf, mistakeIn, type LimitName } from '../../web/users/limits.ts'

const limit = fc.oneof(
  fc.constantFrom('unlimited' as const, undefined),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc.integer({ min: 1, max: 999 }).map((amount) => amount * 10 ** 9),
)

/** What a limit becomes of which this is typed; undefined where it is a mistake. */
function typed(name: LimitName, most: string): unknown {
  const drafts = { ...draftsOf(), [name]: { choice: 'own', most } }
  return mistakeIn(name, drafts[name]) ? undefined : changeOf(drafts)[name]
}

describe("An account's own limits, as they are typed", () => {
  it('are what they were where nothing is changed', () => {
    fc.assert(
      fc.property(limit, limit, limit, (storedBytes, jobs, fileBytes) => {
        const own = {
          ...(storedBytes !== undefined && { storedBytes }),
          ...(jobs !== undefined && { jobs }),
          ...(fileBytes !== undefined && { fileBytes }),
        }
        const change = { storedBytes: null, jobs: null, fileBytes: null, ...own }
        assert.deepEqual(changeOf(draftsOf(own)), change)
      }),
    )
  })

  for (const [text, bytes] of [
    ['500 MB', 500_000_000],
    ['1.5 TB', 1_500_000_000_000],
    [' 2gb ', 2_000_000_000],
    ['1 byte', 1],
    ['792바이트', 792],
  ] as const)
    it(`${JSON.stringify(text)} is a size`, () => assert.equal(typed('fileBytes', text), bytes))

  for (const text of ['', '5', '0 MB', '-1 GB', '1 PB', 'GB', '1,5 GB', '9999999 TB', '1 constructor'])
    it(`${JSON.stringify(text)} is no size`, () => assert.equal(typed('storedBytes', text), undefined))

  it('take whole numbers of jobs only', () => {
    assert.equal(typed('jobs', ' 20 '), 20)
    for (const text of ['', '0', '1.5', '-1', 'many', '20 MB', '9007199254740992'])
      assert.equal(typed('jobs', text), undefined, text)
  })
})
