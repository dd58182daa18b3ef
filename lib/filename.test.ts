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
    // As macOS sends them.
    ['\u1112\u1161\u11ab\u1100\u1173\u11af.avi', '한글.avi'],
    ['Gru\u0308ße.avi', 'Gr\u00fcße.avi'],
    ['e\u0000\u0301.avi', '\u00e9.avi'],
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
        const { data: name } = cleanFilename.safeParse(given)
        // Some letters become several.
        fc.pre(name !== undefined)
        assert.match(name, /^[^/\\\p{Cc}]+$/u)
        assert.ok(name !== '.' && name !== '..')
        assert.equal(cleanFilename.parse(name), name)
        assert.equal(name.normalize('NFC'), name)
      }),
    )
  })
})
