import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { storeError, type ObjectStoreSuite } from './suite.ts'

/** What is in a bucket, and what is no longer. */
export function deleteAndList({ store, bucket, fresh, write, list, unless }: ObjectStoreSuite): void {
  describe('delete', () => {
    it('removes the object', async () => {
      const object = fresh()
      await write(object, 'x')
      await store().delete(object)
      assert.equal(await store().stat(object), undefined)
      await assert.rejects(store().read(object), storeError('NOT_FOUND'))
    })

    it('of nothing is no error', async () => {
      await store().delete(fresh())
    })
  })

  describe('list', () => {
    it('gives the objects under a prefix, by name', async () => {
      for (const part of ['p/2', 'p/10', 'p/1', 'p', 'p0', 'o/9'])
        await write({ bucket: bucket(), name: `list/${part}` }, part)
      assert.deepEqual(await list('list/p/'), ['list/p/1', 'list/p/10', 'list/p/2'])
      assert.deepEqual(await list('list/p'), ['list/p', 'list/p/1', 'list/p/10', 'list/p/2', 'list/p0'])
      assert.deepEqual(await list('list/none'), [])
    })

    it('gives what stat gives', async () => {
      const object = fresh('-listed')
      const info = await write(object, 'x')
      for await (const listed of store().list(bucket(), object.name)) assert.deepEqual(listed, info)
      assert.deepEqual(await list(object.name), [object.name])
    })

    it('takes a prefix literally', async () => {
      for (const part of ['50%', '50x', '5_', '5x'])
        await write({ bucket: bucket(), name: `literal/${part}` }, part)
      assert.deepEqual(await list('literal/50%'), ['literal/50%'])
      assert.deepEqual(await list('literal/5_'), ['literal/5_'])
    })

    it('orders by the bytes of UTF-8', unless('order of names'), async () => {
      const ordered = ['A', 'a', 'é', '～', '🎵'].map((letter) => `order/${letter}`)
      for (const inOrder of ordered.toReversed()) await write({ bucket: bucket(), name: inOrder }, 'x')
      assert.deepEqual(await list('order/'), ordered)
    })
  })
}
