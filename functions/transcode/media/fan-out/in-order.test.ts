import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as later } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Cores } from '../cores.ts'
import { inOrder } from './in-order.ts'

/** Tasks that end when they are told to. */
function tasks(count: number) {
  const ends = Array.from({ length: count }, () => Promise.withResolvers<number>())
  const started: number[] = []
  return {
    started,
    end: async (index: number) => {
      ends[index]?.resolve(index)
      await later()
    },
    fail: (index: number) => ends[index]?.reject(new Error(`task ${index}`)),
    list: ends.map(({ promise }, index) => () => {
      started.push(index)
      return promise
    }),
  }
}

/** What comes out, as it comes. */
function taken<T>(results: AsyncIterable<T>): { values: T[]; done: Promise<void> } {
  const values: T[] = []
  const done = (async () => {
    for await (const value of results) values.push(value)
  })()
  return { values, done }
}

describe('tasks in order', () => {
  it('run as many at once as there are cores, and come out in order', async () => {
    const { list, started, end } = tasks(4)
    const { values, done } = taken(inOrder(list, new Cores(2)))
    await later()
    assert.deepEqual(started, [0, 1])
    await end(1)
    assert.deepEqual(started, [0, 1, 2])
    assert.deepEqual(values, [])
    await end(0)
    assert.deepEqual(values, [0, 1])
    await end(3)
    await end(2)
    await done
    assert.deepEqual(values, [0, 1, 2, 3])
  })

  it('leave what has come out to whoever took it', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const made: WeakRef<object>[] = []
    const make = async (): Promise<object> => {
      const value = { bytes: new Uint8Array(1000) }
      made.push(new WeakRef(value))
      return value
    }
    let kept = 0
    for await (const _ of inOrder(
      Array.from({ length: 20 }, () => make),
      new Cores(2),
    )) {
      await later()
      collectGarbage()
      kept = Math.max(kept, made.filter((each) => each.deref() !== undefined).length)
    }
    assert.equal(made.length, 20)
    assert.ok(kept <= 6, `${kept} were kept at once`)
  })

  it('run one by one while others use the cores, and at once when those are free', async () => {
    const cores = new Cores(2)
    const others = [cores.take(), cores.take()]
    const { list, started, end } = tasks(4)
    const { done } = taken(inOrder(list, cores))
    await later()
    assert.deepEqual(started, [0])
    await end(0)
    assert.deepEqual(started, [0, 1])
    for (const release of others) release()
    assert.deepEqual(started, [0, 1, 2])
    await end(1)
    assert.deepEqual(started, [0, 1, 2, 3])
    await end(2)
    await end(3)
    await done
    assert.equal(cores.crowded, false)
    assert.ok(cores.takeIfFree() && cores.takeIfFree())
  })

  it('do not run far ahead of one that is slow', async () => {
    const { list, started, end } = tasks(20)
    taken(inOrder(list, new Cores(2)))
    for (let index = 1; index < 20; index++) await end(index)
    assert.deepEqual(started, [0, 1, 2, 3])
  })

  it('end with the error of the one that is due, and no other is begun', async () => {
    const { list, started, fail } = tasks(4)
    const { done } = taken(inOrder(list, new Cores(1)))
    await later()
    fail(0)
    await assert.rejects(done, /task 0/)
    assert.deepEqual(started, [0])
  })
})
