import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { serverTime } from '../../lib/server-time.ts'
import { decodeDocument, encodeDocument, encodeValue } from './documents.ts'

const now = new Date('2026-01-01T00:00:00.000Z')
const stored = (data: unknown): unknown => decodeDocument(encodeDocument(data, now))

describe('A document', () => {
  it('comes back as it was, whatever is in it', () => {
    const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
    const text = fc.string({ unit: 'binary' })
    const leaf = fc.oneof(
      text,
      text.map((rest) => `\u0001${rest}`),
      date.map((time) => `\u0001${time.toISOString()}`),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
      fc.boolean(),
      fc.constant(null),
      date,
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(text, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        assert.deepEqual(stored({ value }), { value })
      }),
    )
  })

  it('has the time of its commit wherever it says server time, but never in an array', () => {
    assert.deepEqual(stored({ at: serverTime(), map: { at: serverTime() } }), { at: now, map: { at: now } })
    for (const list of [[serverTime()], [[serverTime()]], [{ map: { at: serverTime() } }]]) {
      assert.throws(() => encodeDocument({ list }, now), /A server time cannot stand in an array/)
    }
  })

  it('is not changed by being written', () => {
    const data = { at: serverTime(), list: [{ text: '\u0001' }] }
    const before = structuredClone({ list: data.list })
    encodeDocument(data, now)
    assert.deepEqual({ list: data.list }, before)
  })
})

describe('A value in a query', () => {
  it('compares as times do, among times', () => {
    const time = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
    fc.assert(
      fc.property(time, time, (a, b) => {
        assert.equal(encodeValue(a) < encodeValue(b), a < b)
      }),
    )
  })

  it('is never equal to one of another kind that looks like it', () => {
    assert.notEqual(encodeValue(now), encodeValue(now.toISOString()))
    assert.notEqual(encodeValue(now), encodeValue(`\u0001${now.toISOString()}`))
    assert.notEqual(encodeValue(1), encodeValue('1'))
  })
})
