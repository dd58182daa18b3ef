import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cleanFilename } from './filename.ts'

describe('The name of a file', () => {
  for (const [given, expected] of [
    ['holiday.avi', 'holiday.avi'],
    ['/home/me/holiday.avi', 'holiday.avi'],
    ['C:\\fakepath\\holiday.avi', 'holiday.avi'],
    ['../../etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['  holiday.avi \t', 'holiday.avi'],
    ['holi\r\nday\u0000.avi', 'holiday.avi'],
    ['Grüße 世界 🎬.avi', 'Grüße 世界 🎬.avi'],
    ['חופשה.avi', 'חופשה.avi'],
    ['say "cheese".avi', 'say "cheese".avi'],
    ['', 'video'],
    ['.', 'video'],
    ['..', 'video'],
    ['folder/', 'video'],
    ['\u0000', 'video'],
    ['...', '...'],
    ['.avi', '.avi'],
  ] as const) {
    it(`${JSON.stringify(given)} is kept as ${JSON.stringify(expected)}`, () => {
      assert.equal(cleanFilename.parse(given), expected)
    })
  }

  it('may have 1000 characters, and no more', () => {
    assert.equal(cleanFilename.parse('a'.repeat(1000)).length, 1000)
    assert.match(cleanFilename.safeParse('a'.repeat(1001)).error?.message ?? '', /at most 1000 characters/)
  })

  it('is never empty, a path, or anything that changes when it is cleaned again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 1000 }), (given) => {
        fc.pre(given.length <= 1000)
        const name = cleanFilename.parse(given)
        assert.match(name, /^[^/\\\p{Cc}]+$/u)
        assert.ok(name !== '.' && name !== '..')
        assert.equal(cleanFilename.parse(name), name)
      }),
    )
  })
})
