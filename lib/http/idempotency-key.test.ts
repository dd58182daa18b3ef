import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { idempotencyKey } from './idempotency-key.ts'

const keyOf = (header?: string): string | undefined =>
  idempotencyKey({ headers: header === undefined ? {} : { 'idempotency-key': header } })

describe('The Idempotency-Key of a request', () => {
  it('need not be there', () => assert.equal(keyOf(), undefined))

  it('is the same with quotes and without', () => {
    assert.equal(keyOf('"8e03978e-40d5"'), '8e03978e-40d5')
    assert.equal(keyOf('8e03978e-40d5'), '8e03978e-40d5')
  })

  for (const wrong of ['', '""', '"a', 'a"', 'a b', 'a, b', 'ä', 'x'.repeat(201)])
    it(`is not ${JSON.stringify(wrong).slice(0, 20)}`, () =>
      assert.throws(() => keyOf(wrong), { code: 'BAD_REQUEST' }))
})
