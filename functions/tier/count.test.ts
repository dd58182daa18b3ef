import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { accesses, type AccessMessage } from '../../lib/tiers/access.ts'
import { levelTableId, levelTables } from '../../lib/tiers/levels.ts'
import { tieredObjects } from '../../lib/tiers/tiered-object.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { accessOf, bytes, putMp3, recordOf } from './testing.ts'

// A class that is not chosen while the accesses are counted: it is not what this is about.
process.env['TIER_GRACE_DAYS'] = '1'
const { writeDown, addUp, addUpNow } = await import('./count.ts')
const { tend } = await import('./tend.ts')

const worker = 'tier@test'

/** What `tier` does with a message. */
async function tell(told: AccessMessage[]): Promise<void> {
  for (const name of await writeDown(told)) await addUpNow(name, worker)
}

describe('Accesses', { timeout: 60_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  before(async () => {
    ;({ local, close } = await openLocal('tier-count'))
  })
  after(() => close())

  /** Until all that was told of is in the object's figures, as sweep has it added up. */
  async function settle(name: string): Promise<void> {
    const records = await local.records()
    for (;;) {
      await delay(1010)
      await addUp(name, worker)
      const { records: rest } = await records.query({
        collection: accesses,
        where: [
          { field: 'object', is: '==', value: name },
          { field: 'counted', is: '==', value: false },
        ],
        orderBy: { field: 'createdAt', direction: 'asc' },
        limit: 1,
      })
      if (rest.length === 0) return
    }
  }

  it('are counted at once, with what they read', async () => {
    const name = await putMp3(local)
    await tell([accessOf(name)])
    const { count, heat, requests, bytesRead, checkAt, dueAt } = await recordOf(local, name)
    assert.deepEqual([count, heat, requests, bytesRead], [1, 1, 1, bytes])
    assert.ok(checkAt && dueAt && checkAt >= dueAt, 'and somebody looks for more later')
  })

  it('are counted once, however often and in whichever order their messages come', async () => {
    const name = await putMp3(local)
    const told = Array.from({ length: 300 }, () => accessOf(name))
    const messages = [...told, ...told, ...told.toReversed()].map((access, place) => ({
      access,
      // Any order will do, as long as it is the same in every run.
      key: (place * 7919) % 1009,
    }))
    const shuffled = messages.toSorted((one, other) => one.key - other.key).map(({ access }) => access)
    for (let start = 0; start < shuffled.length; start += 50)
      await Promise.all(shuffled.slice(start, start + 50).map((access) => tell([access])))
    await settle(name)
    const { count, requests, bytesRead } = await recordOf(local, name)
    assert.deepEqual([count, requests, bytesRead], [300, 300, 300 * bytes])
    await Promise.all(told.map((access) => tell([access])))
    await settle(name)
    assert.equal((await recordOf(local, name)).count, 300)
  })

  it('are counted once in messages of many too, of several objects, some of them in two messages or twice in one', async () => {
    const names = await Promise.all(Array.from({ length: 3 }, () => putMp3(local)))
    const told = Array.from({ length: 300 }, (_, place) => accessOf(names[place % 3] ?? ''))
    const stranger = accessOf('01a1fac4-0904-7084-9dfd-f61097709add.mp3')
    const messages = [
      told.slice(0, 200),
      told.slice(100),
      [...told.slice(50, 60), ...told.slice(50, 60), stranger],
    ]
    await Promise.all([...messages, ...messages.toReversed()].map(tell))
    for (const name of names) {
      await settle(name)
      assert.equal((await recordOf(local, name)).count, 100)
    }
  })

  it('at 200 a second, by 8 workers, twice each, all count, and no record is written more than once a second', async () => {
    const name = await putMp3(local)
    const records = await local.records()
    const written = new Set<string>()
    const stop = records.watch(
      { collection: tieredObjects, id: name },
      ([change]) => {
        // Not the writing that made it.
        const at = change?.data?.countedAt && change.data.updatedAt.toISOString()
        if (at) written.add(at)
      },
      (error) => assert.fail(String(error)),
    )
    const seconds = 3
    const told = Array.from({ length: 200 * seconds }, () => accessOf(name))
    const queue = told.flatMap((access, place) => [
      { access, atMs: place * 5 },
      { access, atMs: place * 5 + 300 },
    ])
    queue.sort((one, other) => one.atMs - other.atMs)
    const startedAt = performance.now()
    async function work(): Promise<void> {
      for (let next = queue.shift(); next; next = queue.shift()) {
        await delay(next.atMs - (performance.now() - startedAt))
        await tell([next.access])
      }
    }
    await Promise.all(Array.from({ length: 8 }, work))
    await settle(name)
    stop()
    assert.equal((await recordOf(local, name)).count, told.length)
    const times = [...written].map((at) => Date.parse(at)).toSorted((one, other) => one - other)
    for (const [place, time] of times.slice(1).entries())
      assert.ok(time - (times[place] ?? 0) >= 1000, `written again after ${time - (times[place] ?? 0)} ms`)
  })

  it('whose worker has died before it added up are found by whoever looks next', async () => {
    const name = await putMp3(local)
    const access = accessOf(name)
    await tell([accessOf(name)])
    // Within the same second, so that it is written down and nothing more.
    await tell([access])
    assert.equal((await recordOf(local, name)).count, 1)
    await settle(name)
    const { count, checkAt } = await recordOf(local, name)
    assert.equal(count, 2)
    assert.ok(checkAt)
  })

  it('that waited in their hundreds are all added up, batch by batch', async () => {
    const name = await putMp3(local)
    await tell([accessOf(name)])
    // Within the same second, so that they are written down and nothing more.
    for (const size of [400, 400, 50]) await tell(Array.from({ length: size }, () => accessOf(name)))
    await delay(1100)
    await tend(name, { function: 'tier', instance: 'test' })
    assert.equal((await recordOf(local, name)).count, 851)
  })

  it('that were counted already change nothing, not even a time, when their message comes late', async () => {
    const name = await putMp3(local)
    const access = accessOf(name)
    await tell([access])
    const before = await recordOf(local, name)
    await delay(1100)
    await tell([access])
    assert.deepEqual(await recordOf(local, name), before)
  })

  it('of an object that nobody knows are dropped', async () => {
    const access = accessOf('01a1fac4-0904-7084-9dfd-f61097709add.mp3')
    await tell([access])
    const records = await local.records()
    assert.equal((await records.get(accesses, access.id)).data, undefined)
  })

  it('of an object from before there were tiers begin its record', async () => {
    const name = await putMp3(local)
    const records = await local.records()
    await records.transact(async (tx) => tx.delete(tieredObjects, name))
    await tell([accessOf(name)])
    const { count, storageClass, filename } = await recordOf(local, name)
    assert.deepEqual([count, storageClass, filename], [1, 'STANDARD', 'holiday.mp3'])
  })

  it('above the highest level raise it', async () => {
    const name = await putMp3(local, { count: 3500, heat: 3500 })
    await tell([accessOf(name)])
    const records = await local.records()
    const { data: table } = await records.get(levelTables, levelTableId)
    assert.equal(table?.levels.at(-1)?.maxCount, 3500)
  })

  it('leave a record that is due no more once nothing is left to be added', async () => {
    const past = new Date(Date.now() - 120_000)
    const name = await putMp3(local, { countedAt: past, checkAt: past, dueAt: past })
    await addUp(name, worker)
    const { checkAt, dueAt, chooseAt } = await recordOf(local, name)
    assert.equal(checkAt, undefined)
    assert.deepEqual(dueAt, chooseAt)
  })
})
