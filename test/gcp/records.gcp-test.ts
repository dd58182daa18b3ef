import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Firestore, Timestamp } from '@google-cloud/firestore'
import type { Collection } from '../../lib/collection.ts'
import { openRecords } from '../../platform/gcp/records.ts'
import type { Query, RecordStore } from '../../platform/ports.ts'
import { recordStoreConformance } from '../conformance/records/index.ts'
import { emulator, projectId, skipWithout } from './emulators.ts'

const open = async (): Promise<Firestore> =>
  new Firestore({ projectId, host: await emulator('firestore'), ssl: false, databaseId: 'tapedeck' })

describe('Firestore', { skip: skipWithout('firestore') }, () => {
  recordStoreConformance('the Firestore emulator', async () => {
    const firestore = await open()
    return { store: openRecords(firestore), close: () => firestore.terminate() }
  })

  describe('pages, although times are finer than a Date', () => {
    let firestore: Firestore
    let store: RecordStore
    let collection: Collection<{ at: Date }>
    const time = (microseconds: number): Timestamp => new Timestamp(1_800_000_000, microseconds * 1000)
    before(async () => {
      firestore = await open()
      store = openRecords(firestore)
    })
    after(() => firestore.terminate())

    /** Six times within one millisecond and one in each of its neighbours; the ids are in no order. */
    async function fill(): Promise<string[]> {
      collection = { name: `times-${randomUUID()}` }
      const ids = ['q', 'z', 'b', 'y', 'a', 'x', 'c', 'w']
      const microseconds = [499_999, 500_000, 500_001, 500_300, 500_301, 500_998, 500_999, 501_000]
      const batch = firestore.batch()
      for (const [place, id] of ids.entries()) {
        batch.set(firestore.collection(collection.name).doc(id), { at: time(microseconds[place] ?? 0) })
      }
      await batch.commit()
      return ids
    }

    async function pages(
      direction: 'asc' | 'desc',
      betweenPages: (last: string) => Promise<unknown> = async () => undefined,
    ): Promise<string[]> {
      const found: string[] = []
      for (let after: Query<{ at: Date }>['after']; ;) {
        const orderBy = { field: 'at', direction } as const
        const { records } = await store.query({ collection, orderBy, limit: 2, ...(after && { after }) })
        const last = records.at(-1)
        if (!last) return found
        found.push(...records.map(({ id }) => id))
        await betweenPages(last.id)
        after = { value: last.data.at, id: last.id }
      }
    }

    for (const direction of ['asc', 'desc'] as const) {
      it(`give every record once, ${direction}`, async () => {
        const ids = await fill()
        assert.deepEqual(await pages(direction), direction === 'asc' ? ids : ids.toReversed())
      })

      it(`skip none when the last of each is deleted, ${direction}`, async () => {
        const ids = await fill()
        const found = await pages(direction, (last) =>
          store.transact(async (tx) => tx.delete(collection, last)),
        )
        assert.deepEqual([...new Set(found)].toSorted(), ids.toSorted())
      })
    }

    it('skip none when the last of each is put off', async () => {
      const ids = await fill()
      const later = new Date('2040-01-01T00:00:00Z')
      const putOff = new Set<string>()
      const found = await pages('asc', async (last) => {
        if (putOff.has(last)) return
        putOff.add(last)
        await store.transact(async (tx) => tx.set(collection, last, { at: later }))
      })
      assert.deepEqual([...new Set(found)].toSorted(), ids.toSorted())
    })
  })
})
