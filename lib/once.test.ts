import assert from 'node:assert/strict'
import { beforeEach, describe, it } from 'node:test'
import { Once } from './once.ts'

const failure = (status: number, code = 'SOME_CODE'): Error =>
  Object.assign(new Error(code), { status, code })

describe('Something that is asked for and must happen once', () => {
  let once: Once
  /** The keys by which it was asked for. */
  let keys: string[]

  beforeEach(() => {
    once = new Once()
    keys = []
  })

  /** Asks, and gets these answers, one after the other. */
  async function ask(...answers: (Error | string)[]): Promise<unknown> {
    return once
      .ask(async (key) => {
        keys.push(key)
        const answer = answers.shift() ?? assert.fail('asked too often')
        if (answer instanceof Error) throw answer
        return answer
      })
      .catch((error: unknown) => error)
  }

  const isOneKey = (): boolean => new Set(keys).size === 1

  for (const status of [0, 502, 503, 504])
    it(`is asked for by the same key where ${status || 'nothing'} was answered`, async () => {
      await ask(failure(status))
      assert.equal(await ask('done'), 'done')
      assert.ok(isOneKey())
    })

  it('is asked for by the same key after one has broken off oneself', async () => {
    await ask(new DOMException('paused', 'AbortError'))
    await ask('done')
    assert.ok(isOneKey())
  })

  for (const answer of [
    'done',
    failure(500, 'INTERNAL'),
    failure(422, 'UNPROCESSABLE'),
    failure(429, 'TOO_MANY_JOBS'),
  ])
    it(`is another thing after ${String(answer)}`, async () => {
      await ask(answer)
      await ask('done')
      assert.equal(new Set(keys).size, 2)
    })

  it('is asked for by the key of an earlier time, and then by one that somebody else makes', async () => {
    once = new Once('earlier', () => 'made')
    await ask(failure(0))
    await ask('done')
    await ask('done')
    assert.deepEqual(keys, ['earlier', 'earlier', 'made'])
  })

  it('is asked for anew, and at once, where nothing can come of what was begun', async () => {
    await ask(failure(0))
    assert.equal(await ask(failure(409, 'CONFLICT'), 'done'), 'done')
    assert.equal(keys[0], keys[1])
    assert.notEqual(keys[1], keys[2])
  })

  it('is not asked for anew where nothing was in doubt', async () => {
    assert.equal(String(await ask(failure(409, 'CONFLICT'))), 'Error: CONFLICT')
  })

  it('is another thing once that was said', async () => {
    await ask(failure(0))
    once.forget()
    await ask('done')
    assert.equal(new Set(keys).size, 2)
  })
})
