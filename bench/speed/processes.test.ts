import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { describe, it } from 'node:test'
import { coresFrom, onTwoCores } from './processes.ts'

describe('Cores', () => {
  it('are read from a list of ranges', () => {
    assert.deepEqual(coresFrom('0-3,8'), [0, 1, 2, 3, 8])
    assert.deepEqual(coresFrom('5'), [5])
  })

  it('are two at most while conversions are measured, and all of them afterwards', async () => {
    const before = availableParallelism()
    await onTwoCores(async () => assert.equal(availableParallelism(), Math.min(2, before)))
    assert.equal(availableParallelism(), before)
  })
})
