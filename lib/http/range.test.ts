import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askedRange } from './range.ts'

const etag = '"yZRlqg==-1000"'
const most = 100

const asked = (range?: string, ifRange?: string, size = 1000) =>
  askedRange(
    { ...(range !== undefined && { range }), ...(ifRange !== undefined && { 'if-range': ifRange }) },
    { size, etag },
    most,
  )

describe('The range that is asked for', () => {
  const part = (start: number, end: number) => ({ start, end })
  const cases: [what: string, header: string | undefined, answer: ReturnType<typeof asked>][] = [
    ['none', undefined, 'whole'],
    ['the first bytes', 'bytes=0-49', part(0, 49)],
    ['one byte', 'bytes=0-0', part(0, 0)],
    ['the last byte', 'bytes=999-999', part(999, 999)],
    ['up to the end', 'bytes=950-', part(950, 999)],
    ['beyond the end', 'bytes=950-2000', part(950, 999)],
    ['a suffix', 'bytes=-50', part(950, 999)],
    ['exactly as many as are sent at once', 'bytes=0-99', part(0, 99)],
    ['more than are sent at once', 'bytes=0-100', part(0, 99)],
    ['everything, from the start', 'bytes=0-', part(0, 99)],
    ['a suffix of more than are sent at once', 'bytes=-500', part(500, 599)],
    ['a suffix longer than the whole', 'bytes=-5000', part(0, 99)],
    ['numbers that no computer can count to', `bytes=0-${'9'.repeat(400)}`, part(0, 99)],
    ['a unit in capitals', 'BYTES=0-49', part(0, 49)],
    ['with space around it', 'bytes= 0-49 ', part(0, 49)],
    ['from the size on', 'bytes=1000-', 'unsatisfiable'],
    ['far behind the end', 'bytes=5000-6000', 'unsatisfiable'],
    ['a suffix of nothing', 'bytes=-0', 'unsatisfiable'],
    ['the last byte before the first', 'bytes=50-49', 'whole'],
    ['no numbers', 'bytes=-', 'whole'],
    ['nothing', 'bytes=', 'whole'],
    ['no dash', 'bytes=5', 'whole'],
    ['a negative number', 'bytes=-5-10', 'whole'],
    ['a fraction', 'bytes=0.5-10', 'whole'],
    ['hexadecimal', 'bytes=0x0-0x10', 'whole'],
    ['space within', 'bytes=0 - 10', 'whole'],
    ['no unit', '0-49', 'whole'],
    ['another unit', 'seconds=0-49', 'whole'],
    ['an empty header', '', 'whole'],
    ['several', 'bytes=0-9,20-29', 'whole'],
    ['several, of which one is there', 'bytes=0-9,5000-', 'whole'],
  ]
  for (const [what, header, answer] of cases)
    it(`${what} (${header?.slice(0, 40) ?? 'no header'})`, () => assert.deepEqual(asked(header), answer))

  it('is never there in an empty file', () => {
    for (const header of ['bytes=0-', 'bytes=0-0', 'bytes=-1'])
      assert.equal(asked(header, undefined, 0), 'unsatisfiable')
  })

  describe('counts', () => {
    it('if the file is still the same by its tag', () => {
      assert.deepEqual(asked('bytes=0-9', etag), part(0, 9))
      assert.equal(asked('bytes=5000-', etag), 'unsatisfiable')
    })

    for (const ifRange of [
      '"another"',
      `W/${etag}`,
      etag.slice(1, -1),
      `${etag}, "another"`,
      '*',
      'Sat, 21 Nov 2026 00:00:00 GMT',
      '',
    ])
      it(`not if that is uncertain (If-Range: ${ifRange})`, () => {
        assert.equal(asked('bytes=0-9', ifRange), 'whole')
        assert.equal(asked('bytes=5000-', ifRange), 'whole')
      })
  })
})
