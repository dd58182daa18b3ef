import { after, before, describe } from 'node:test'
import type { RecordStore } from '../../../platform/ports.ts'
import { countAndSum } from './count-and-sum.ts'
import { getAndSet } from './get-and-set.ts'
import { query } from './query.ts'
import { serverTimes } from './server-time.ts'
import { suiteOf } from './suite.ts'
import { transact } from './transact.ts'
import { watch } from './watch.ts'

export interface RecordStoreUnderTest {
  store: RecordStore
  close: () => Promise<void>
}

/** What every RecordStore must do. */
export function recordStoreConformance(name: string, makeStore: () => Promise<RecordStoreUnderTest>): void {
  describe(`RecordStore on ${name}`, { timeout: 300_000 }, () => {
    let made: RecordStoreUnderTest
    before(async () => {
      made = await makeStore()
    })
    after(() => made.close())

    const suite = suiteOf(() => made.store)
    for (const part of [getAndSet, transact, serverTimes, query, countAndSum, watch]) part(suite)
  })
}
