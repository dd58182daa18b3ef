import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ObjectInfo } from '../../../platform/ports.ts'
import { chunks, storeError, type ObjectStoreSuite } from './suite.ts'

/** Every write makes a generation, and may depend on the one before. */
export function generations({ store, fresh, read, write, unless }: ObjectStoreSuite): void {
  describe('generations', () => {
    it('are new and higher with every write, after a delete too', async () => {
      const object = fresh()
      const first = await write(object, '1')
      const second = await write(object, '2')
      await store().delete(object)
      const third = await write(object, '3')
      assert.ok(BigInt(first.generation) < BigInt(second.generation))
      assert.ok(BigInt(second.generation) < BigInt(third.generation))
    })

    it('can be asked for; one that has been replaced is not found', unless('old generations'), async () => {
      const object = fresh()
      const first = await write(object, '1')
      const second = await write(object, '2')
      assert.equal((await read(object, { generation: second.generation })).toString(), '2')
      await assert.rejects(store().read(object, { generation: first.generation }), storeError('NOT_FOUND'))
    })

    it('0 as a precondition only creates', async () => {
      const object = fresh()
      const create = (text: string): Promise<ObjectInfo> =>
        store().write(object, chunks(text), { contentType: 'text/plain', ifGenerationMatch: '0' })
      const first = await create('first')
      await assert.rejects(create('second'), storeError('PRECONDITION_FAILED'))
      assert.deepEqual(await store().stat(object), first)
      assert.equal((await read(object)).toString(), 'first')
      await store().delete(object)
      await create('third')
    })

    it('any other precondition only replaces exactly that one', async () => {
      const object = fresh()
      const first = await write(object, '1')
      const replace = (text: string): Promise<ObjectInfo> =>
        store().write(object, chunks(text), {
          contentType: 'text/plain',
          ifGenerationMatch: first.generation,
        })
      await replace('2')
      await assert.rejects(replace('3'), storeError('PRECONDITION_FAILED'))
      assert.equal((await read(object)).toString(), '2')
    })

    it('lets only one of many create the object', async () => {
      const object = fresh()
      const attempts = await Promise.allSettled(
        Array.from({ length: 8 }, (_, i) =>
          store().write(object, chunks(String(i)), { contentType: 'text/plain', ifGenerationMatch: '0' }),
        ),
      )
      const winners = attempts.flatMap((attempt, i) => (attempt.status === 'fulfilled' ? [i] : []))
      assert.equal(winners.length, 1)
      assert.equal((await read(object)).toString(), String(winners[0]))
    })
  })
}
