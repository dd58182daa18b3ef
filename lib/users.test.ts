import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { normalEmail, userId } from './users.ts'

describe('An e-mail address', () => {
  for (const [what, one, other] of [
    ['case', 'Anna@Example.com', 'anna@example.COM'],
    ['space around it', ' anna@example.com\t', 'anna@example.com'],
    ['how its accents were typed', 'j\u00FCrgen@example.com', 'ju\u0308rgen@example.com'],
    ['the sign for kelvin', '\u212Aate@example.com', 'kate@example.com'],
    ['the Turkish capital I', '\u0130pek@example.com', 'ipek@example.com'],
    ['a dot over an i', 'i\u0307pek@example.com', 'ipek@example.com'],
    ['full width', 'ａｎｎａ@example.com', 'anna@example.com'],
    ['a ligature', 'ﬁn@example.com', 'fin@example.com'],
    ['a long s', 'ſam@example.com', 'sam@example.com'],
    ['a sigma at the end', 'νίκος@example.com', 'νίκοσ@example.com'],
    ['a space of no width', 'an\u200Bna@example.com', 'anna@example.com'],
    ['a variation selector', 'anna\uFE0F@example.com', 'anna@example.com'],
  ] as const)
    it(`is one account's, whatever ${what}`, () => assert.equal(userId(one), userId(other)))

  // Of another script, or another letter: mail to the one does not come to the other.
  for (const [one, other] of [
    ['anna@example.com', '\u0430nna@example.com'],
    ['ipek@example.com', '\u0131pek@example.com'],
    ['strasse@example.com', 'straße@example.com'],
    ['jose@example.com', 'josé@example.com'],
    ['anna@example.com', 'anna+tapes@example.com'],
  ] as const)
    it(`is another one's: ${one} and ${other}`, () => assert.notEqual(userId(one), userId(other)))

  it('is kept in small letters, and as mail is sent to it', () => {
    assert.equal(normalEmail(' ＡJu\u0308RGEN.\u0130pek@Example.com '), 'ａjürgen.ipek@example.com')
  })

  it('stays what it is once it was written down', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({
        unit: fc.constantFrom(
          'I',
          'i',
          '\u0130',
          '\u0307',
          '\u0323',
          'Σ',
          'σ',
          'ß',
          'ﬁ',
          '\u0345',
          ' ',
          '\uFE0F',
        ),
      }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const email = normalEmail(text)
        assert.equal(normalEmail(email), email)
        assert.equal(userId(email), userId(text))
      }),
      { numRuns: 2000 },
    )
  })
})
