import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { sendLogTo } from '../../lib/log.ts'
import { mostAccesses, type AccessMessage } from '../../lib/tiers/access.ts'
import type { LocalBus } from '../../platform/local/bus.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { countAccess } from './accesses.ts'

/** A message that is on its way until it is let through or refused. */
interface Publishing extends PromiseWithResolvers<void> {
  accesses: AccessMessage[]
}

describe('Accesses are told of', { timeout: 30_000 }, () => {
  let bus: LocalBus
  let close: () => Promise<void>
  let publishing: Publishing[]
  const errors: string[] = []
  before(async () => {
    const opened = await openLocal('download-accesses')
    ;({ close } = opened)
    bus = await opened.local.bus()
    bus.publish = (topic, data) => {
      assert.equal(topic, 'accesses')
      const { accesses } = data as { accesses: AccessMessage[] }
      const message = { accesses, ...Promise.withResolvers<void>() }
      publishing.push(message)
      return message.promise
    }
    sendLogTo((line) => void errors.push(line))
  })
  beforeEach(() => {
    publishing = []
    errors.length = 0
  })
  after(async () => {
    sendLogTo((line) => void process.stderr.write(line))
    await close()
  })

  const count = (name: string): Promise<void> =>
    countAccess({ bucket: 'target', name, generation: '1', size: 9 }, { count: 1, requests: 1, bytes: 9 })

  /** The message that is published next. */
  async function message(place: number): Promise<Publishing> {
    for (;;) {
      const found = publishing[place]
      if (found) return found
      await new Promise(setImmediate)
    }
  }

  const namesOf = ({ accesses }: Publishing): string[] => accesses.map(({ object }) => object)

  it('at once where there is only one', async () => {
    const counted = count('a.mp3')
    const first = await message(0)
    assert.deepEqual(namesOf(first), ['a.mp3'])
    first.resolve()
    await counted
  })

  it('together where others were on their way when they came, each under an id of its own', async () => {
    const counted = [count('first.mp3')]
    const first = await message(0)
    const rest = ['a.mp3', 'b.mp3', 'a.mp3']
    counted.push(...rest.map(count))
    await new Promise(setImmediate)
    assert.equal(publishing.length, 1)
    first.resolve()
    const second = await message(1)
    assert.deepEqual(namesOf(second), rest)
    assert.equal(new Set(second.accesses.map(({ id }) => id)).size, 3)
    let isCounted = false
    const last = counted[3]?.then(() => (isCounted = true))
    await new Promise(setImmediate)
    assert.equal(isCounted, false, 'nobody is answered before their own access is published')
    second.resolve()
    await Promise.all([...counted, last])
  })

  it('in several messages where they are more than one may tell of', async () => {
    const first = count('first.mp3')
    ;(await message(0)).resolve()
    await first
    const busy = count('busy.mp3')
    const second = await message(1)
    const counted = Array.from({ length: mostAccesses + 1 }, (_, place) => count(`${place}.mp3`))
    second.resolve()
    const third = await message(2)
    assert.equal(third.accesses.length, mostAccesses)
    third.resolve()
    const fourth = await message(3)
    assert.deepEqual(namesOf(fourth), [`${mostAccesses}.mp3`])
    fourth.resolve()
    await Promise.all([busy, ...counted])
  })

  it('after a message that could not be published, too; that keeps nobody from their file', async () => {
    const lost = count('lost.mp3')
    const first = await message(0)
    const counted = count('next.mp3')
    first.reject(new Error('no network'))
    await lost
    assert.match(errors.join(''), /An access was not counted: no network/)
    const second = await message(1)
    assert.deepEqual(namesOf(second), ['next.mp3'])
    second.resolve()
    await counted
    assert.equal(errors.length, 1)
  })
})
