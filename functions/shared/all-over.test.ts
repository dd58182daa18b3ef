import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { allOver } from './all-over.ts'

describe('Several things at once', () => {
  it('are all over, whichever fails first', async () => {
    let isOver = false
    const slow = delay(10).then(() => (isOver = true))
    await assert.rejects(allOver([Promise.reject(new Error('failed')), slow]), /^Error: failed$/)
    assert.ok(isOver)
  })

  it('fail with all that has failed', async () => {
    const [first, second] = [new Error('One.'), new Error('Two.')]
    await assert.rejects(allOver([Promise.reject(first), Promise.reject(second)]), (thrown) => {
      assert.ok(thrown instanceof AggregateError)
      assert.equal(thrown.message, 'One. Two.')
      assert.deepEqual(thrown.errors, [first, second])
      return true
    })
  })

  it('fail with the first error where all say the same', async () => {
    const [first, second] = [new Error('There is no database.'), new Error('There is no database.')]
    await assert.rejects(
      allOver([Promise.reject(first), Promise.reject(second)]),
      (thrown) => thrown === first,
    )
  })

  it('succeed where nothing fails', () => allOver([Promise.resolve(1), Promise.resolve()]))
})
