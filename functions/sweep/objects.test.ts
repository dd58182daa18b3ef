import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { newJobId, mp3Name } from '../../lib/jobs/names.ts'
import { defaultLevels, levelTableId, levelTables } from '../../lib/tiers/levels.ts'
import { newTieredObject, tieredObjects, type TieredObject } from '../../lib/tiers/tiered-object.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { sweepObjects } from './objects.ts'

const past = new Date(Date.now() - 1000)
const future = new Date(Date.now() + 60_000)

describe('Sweep, of objects in tiers,', () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  before(async () => {
    ;({ local, close } = await openLocal('sweep-objects'))
  })
  after(() => close())

  async function leave(rest: Partial<TieredObject>): Promise<string> {
    const jobId = newJobId()
    const name = mp3Name(jobId)
    const object = { jobId, owner: 'someone', filename: 'a.mp3', bytes: 1, graceDays: 0 }
    const made = newTieredObject({ ...object, storageClass: 'STANDARD' }, defaultLevels, past)
    const records = await local.records()
    await records.transact(async (tx) => tx.create(tieredObjects, name, { ...made, ...rest }))
    return name
  }

  /** What `tier` is told. */
  async function told(): Promise<unknown[]> {
    const bus = await local.bus()
    return bus.due(['tier'], 10_000).map(({ event }) => {
      const { message } = event.data as { message: { data: string } }
      return JSON.parse(Buffer.from(message.data, 'base64').toString()) as unknown
    })
  }

  it('has those looked at that are due, and no others: it costs nothing for what is only stored', async () => {
    const due = await Promise.all(Array.from({ length: 3 }, () => leave({ dueAt: past })))
    await Promise.all(Array.from({ length: 50 }, () => leave({ dueAt: future })))
    await sweepObjects()
    const names = (await told()).map((message) => (message as { object: string }).object)
    assert.deepEqual(names.toSorted(), due.toSorted())
  })

  it('has a change of levels followed that nobody has followed yet', async () => {
    const records = await local.records()
    const table = { levels: [...defaultLevels], changed: ['bronze'], dueAt: past, updatedAt: past }
    await records.transact(async (tx) => tx.set(levelTables, levelTableId, table))
    await sweepObjects()
    assert.ok((await told()).some((message) => (message as { levelsChanged?: boolean }).levelsChanged))
  })
})
