import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { jobs } from '../../lib/jobs/job.ts'
import { moves } from '../../lib/tiers/move.ts'
import { tieredObjects, type TieredObject } from '../../lib/tiers/tiered-object.ts'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { classOf, putMp3, recordOf } from './testing.ts'

process.env['TIER_GRACE_DAYS'] = '0'
process.env['TIER_POLICY'] = 'count'
const { tend } = await import('./tend.ts')

const past = new Date(Date.now() - 1000)
let workers = 0
const newWorker = (): { function: string; instance: string } => ({
  function: 'tier',
  instance: `w${++workers}`,
})

/** A move that a worker has begun, and no more than that. */
const begun = (leaseUntil?: Date): NonNullable<TieredObject['move']> => ({
  id: `move-${++workers}`,
  from: 'STANDARD',
  to: 'COLDLINE',
  worker: 'tier@dead',
  status: 'update',
  begunAt: past,
  ...(leaseUntil && { leaseUntil }),
})

describe('A move', { timeout: 60_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  before(async () => {
    ;({ local, close } = await openLocal('tier-move'))
  })
  after(() => close())

  /** All moves of an object that were made. */
  async function movesOf(name: string): Promise<{ from: string; to: string }[]> {
    const records = await local.records()
    const { records: found } = await records.query({
      collection: moves,
      orderBy: { field: 'at', direction: 'asc' },
      limit: 1000,
    })
    return found.flatMap(({ data }) => (data.object === name ? { from: data.from, to: data.to } : []))
  }

  it('takes an object to the class that was chosen for it, and tells its job', async () => {
    const name = await putMp3(local)
    await tend(name, newWorker())
    const objects = await local.objects()
    const info = await objects.stat({ bucket: 'target', name })
    assert.equal(info?.storageClass, 'COLDLINE')
    assert.equal(info.contentType, 'audio/mpeg')
    const record = await recordOf(local, name)
    assert.deepEqual([record.storageClass, record.level, record.move?.status], ['COLDLINE', 'bronze', 'done'])
    const records = await local.records()
    const { data: job } = await records.get(jobs, record.jobId)
    assert.equal(job?.target?.generation, info.generation)
    assert.deepEqual(await movesOf(name), [{ from: 'STANDARD', to: 'COLDLINE' }])
  })

  it('comes to rest: looked at again, nothing is due any more', async () => {
    const name = await putMp3(local)
    await tend(name, newWorker())
    await tend(name, newWorker())
    const { dueAt, move } = await recordOf(local, name)
    assert.equal(dueAt, undefined)
    assert.equal(move?.status, 'done')
    assert.equal((await movesOf(name)).length, 1)
  })

  it('of each of 100 objects is made once, by one of 8 workers who all see them at the same time', async () => {
    const names = await Promise.all(Array.from({ length: 100 }, () => putMp3(local)))
    const objects = await local.objects()
    const rewritten = new Map<string, number>()
    const { rewrite } = objects
    objects.rewrite = (object, options) => {
      rewritten.set(object.name, (rewritten.get(object.name) ?? 0) + 1)
      return rewrite(object, options)
    }
    const work = async (place: number): Promise<void> => {
      const actor = newWorker()
      // Half of them come from the other end, so that they meet everywhere.
      for (const name of place % 2 === 0 ? names : names.toReversed()) await tend(name, actor)
    }
    await Promise.all(Array.from({ length: 8 }, (_, place) => work(place)))
    objects.rewrite = rewrite
    for (const name of names) {
      assert.equal(rewritten.get(name), 1)
      assert.equal(await classOf(local, name), 'COLDLINE')
      assert.equal((await movesOf(name)).length, 1)
    }
  })

  it('is followed by another one where a count was said meanwhile', async () => {
    const said = { heat: 5000, count: 5000, byRanges: true }
    const name = await putMp3(local, { ...said, move: begun(past) })
    await tend(name, newWorker())
    assert.deepEqual(await movesOf(name), [
      { from: 'STANDARD', to: 'COLDLINE' },
      { from: 'COLDLINE', to: 'STANDARD' },
    ])
    assert.equal((await recordOf(local, name)).level, 'gold')
  })

  it('to a level whose lowest count was said is not undone by the seconds that it takes', async () => {
    const long = new Date(Date.now() - 3_600_000)
    const name = await putMp3(local, {
      heat: 1000,
      count: 1000,
      heatAt: long,
      byRanges: true,
      storageClass: 'NEARLINE',
    })
    await tend(name, newWorker())
    const { level, move, dueAt } = await recordOf(local, name)
    assert.deepEqual([level, move], ['silver', undefined])
    assert.ok(dueAt && dueAt > new Date())
  })

  it('is left to a worker who is at it', async () => {
    const name = await putMp3(local, { move: begun(new Date(Date.now() + 60_000)) })
    await tend(name, newWorker())
    assert.equal(await classOf(local, name), 'STANDARD')
    assert.equal((await recordOf(local, name)).move?.worker, 'tier@dead')
  })

  for (const [when, leaseUntil] of [
    ['in the middle of it', past],
    ['before anybody was at it', undefined],
  ] as const) {
    it(`that was left ${when} is made by the next one`, async () => {
      const name = await putMp3(local, { move: begun(leaseUntil) })
      await tend(name, newWorker())
      assert.equal(await classOf(local, name), 'COLDLINE')
      assert.equal((await recordOf(local, name)).move?.status, 'done')
      assert.equal((await movesOf(name)).length, 1)
    })
  }

  it('whose worker has died behind the rewrite is written down, and not made again', async () => {
    const name = await putMp3(local, { move: begun(past) })
    const objects = await local.objects()
    const { generation } = await objects.rewrite({ bucket: 'target', name }, { storageClass: 'COLDLINE' })
    await tend(name, newWorker())
    const record = await recordOf(local, name)
    assert.equal(record.storageClass, 'COLDLINE')
    assert.equal((await objects.stat({ bucket: 'target', name }))?.generation, generation)
    const records = await local.records()
    assert.equal((await records.get(jobs, record.jobId)).data?.target?.generation, generation)
  })

  it('of an object that is gone ends, and its record with it', async () => {
    const name = await putMp3(local)
    const objects = await local.objects()
    await objects.delete({ bucket: 'target', name })
    await tend(name, newWorker())
    const records = await local.records()
    assert.equal((await records.get(tieredObjects, name)).data, undefined)
    assert.deepEqual(await movesOf(name), [])
  })

  it('of an object that somebody else has moved elsewhere is made from there', async () => {
    const name = await putMp3(local)
    const objects = await local.objects()
    await objects.rewrite({ bucket: 'target', name }, { storageClass: 'ARCHIVE' })
    await tend(name, newWorker())
    assert.deepEqual(await movesOf(name), [{ from: 'ARCHIVE', to: 'COLDLINE' }])
    assert.equal(await classOf(local, name), 'COLDLINE')
  })

  it('to a class in which the object is already is none', async () => {
    const move = { ...begun(past), from: 'COLDLINE', to: 'STANDARD' } as const
    const name = await putMp3(local, { storageClass: 'COLDLINE', heat: 5000, move })
    await tend(name, newWorker())
    const { storageClass, move: ended } = await recordOf(local, name)
    assert.deepEqual([storageClass, ended?.status, ended?.reason], ['STANDARD', 'done', 'already there'])
    assert.deepEqual(await movesOf(name), [])
  })

  it('whose object is replaced in that very moment is made of what is there then', async () => {
    const name = await putMp3(local)
    const objects = await local.objects()
    const { rewrite } = objects
    objects.rewrite = async (object, options) => {
      objects.rewrite = rewrite
      await objects.write(object, Readable.from([Buffer.from('other')]), { contentType: 'audio/mpeg' })
      return rewrite(object, options)
    }
    await tend(name, newWorker())
    assert.equal((await movesOf(name)).length, 1)
    assert.equal((await recordOf(local, name)).bytes, 5, 'that of what is there now')
  })

  it('fails with the store, and is made once the lease is over', async () => {
    const name = await putMp3(local)
    const objects = await local.objects()
    const { rewrite } = objects
    objects.rewrite = async () => {
      throw new Error('The store is down.')
    }
    await assert.rejects(tend(name, newWorker()), /down/)
    objects.rewrite = rewrite
    const record = await recordOf(local, name)
    assert.ok(record.dueAt && record.dueAt > new Date(), 'due when its lease ends')
    const records = await local.records()
    const { move } = record
    assert.ok(move)
    await records.transact(async (tx) =>
      tx.set(tieredObjects, name, { ...record, move: { ...move, leaseUntil: past } }),
    )
    await tend(name, newWorker())
    assert.equal(await classOf(local, name), 'COLDLINE')
  })
})
