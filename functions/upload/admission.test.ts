import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { jobs, type Actor } from '../../lib/jobs/job.ts'
import { newJobId, sourceName } from '../../lib/jobs/names.ts'
import { beginJob, transition } from '../../lib/jobs/transition.ts'
import { Problem } from '../../lib/problems.ts'
import { localPlatform, type LocalPlatform } from '../../platform/local/platform.ts'
import type { RecordStore } from '../../platform/ports.ts'
import { admit, confirm } from './admission.ts'

const actor: Actor = { function: 'upload', instance: '1' }

describe('Uploads that were all written before any of them was checked', () => {
  let folder: string
  let local: LocalPlatform
  let records: RecordStore
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-admission-'))
    process.env['DATA_DIR'] = folder
    local = await localPlatform()
    records = await local.records()
  })
  after(async () => {
    await local.close()
    await rm(folder, { recursive: true })
  })

  /** Writes so many jobs of one size in one transaction, hence at one time, under ids in no order. */
  async function write(owner: string, count: number, size: number): Promise<string[]> {
    const ids = Array.from({ length: count }, newJobId).toSorted((a, b) =>
      a.slice(-4) < b.slice(-4) ? -1 : 1,
    )
    await records.transact(async (tx) => {
      for (const id of ids) {
        const source = { bucket: 'source', name: sourceName(id) }
        const job = { owner, filename: 'a.mp4', size, contentType: 'video/mp4', options: {}, source }
        tx.create(jobs, id, beginJob(job, 'session', actor, new Date()))
      }
    })
    return ids
  }

  /** The jobs that are admitted, and why the others are not. */
  async function outcome(ids: string[], limits: Parameters<typeof confirm>[1], size: number) {
    const answers = await Promise.allSettled(
      ids.map(async (id) => (await confirm(id, limits))(size, 'exactly')),
    )
    const refusals = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []))
    for (const reason of refusals) assert.ok(reason instanceof Problem, String(reason))
    return {
      admitted: ids.filter((_id, index) => answers[index]?.status === 'fulfilled'),
      codes: new Set(refusals.map((reason) => (reason as Problem).code)),
    }
  }

  for (const [what, limits, code] of [
    ['as many places as there are', { jobs: 5 }, 'TOO_MANY_JOBS'],
    ['as much room as there is', { storedBytes: 599 }, 'STORAGE_QUOTA_EXCEEDED'],
  ] as const) {
    it(`get ${what}, and those first that were written first`, async () => {
      const owner = randomUUID()
      const earlier = await write(owner, 2, 100)
      const first = (await records.get(jobs, earlier[0] ?? '')).readAt
      // The others are to be of another millisecond.
      while ((await records.get(jobs, '')).readAt <= first);
      const later = await write(owner, 18, 100)
      await write(randomUUID(), 20, 100)
      const { admitted, codes } = await outcome([...later, ...earlier], limits, 100)
      assert.deepEqual(new Set(admitted.slice(-2)), new Set(earlier))
      assert.equal(admitted.length, 5)
      assert.deepEqual(codes, new Set([code]))
    })
  }

  it('do not take what a job had that was given up before they were checked', async () => {
    const owner = randomUUID()
    const [gone = '', ...rest] = await write(owner, 3, 100)
    await records.transact(async (tx) => {
      const { data, readAt } = await tx.get(jobs, gone)
      if (data) tx.set(jobs, gone, transition(data, { type: 'deleted', actor }, readAt))
    })
    const { admitted } = await outcome(rest, { jobs: 2, storedBytes: 200 }, 100)
    assert.deepEqual(admitted, rest)
  })

  it('cost no look at other jobs where there is no limit', async (t) => {
    const [id = ''] = await write(randomUUID(), 1, 100)
    const asked = (['count', 'sum', 'query'] as const).map((name) => t.mock.method(records, name))
    const limits = await admit(randomUUID(), 100, 'exactly')
    const { admitted } = await outcome([id], { ...limits, fileBytes: 100 }, 100)
    assert.deepEqual(admitted, [id])
    assert.deepEqual(
      asked.map(({ mock }) => mock.callCount()),
      [0, 0, 0],
    )
  })
})
