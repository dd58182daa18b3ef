import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { storageClasses } from '../../../lib/storage-class.ts'
import type { ObjectInfo } from '../../../platform/ports.ts'
import { chunks, storeError, type ObjectStoreSuite } from './suite.ts'

/** An object moves between storage classes as it is. */
export function rewrite({ store, fresh, read, write, unless }: ObjectStoreSuite): void {
  describe('rewrite', () => {
    it('makes a new generation with all that was said about the object', async () => {
      const object = fresh()
      const metadata = { owner: 'someone', title: 'Grüße' }
      const first = await store().write(object, chunks('123456789'), { contentType: 'audio/mpeg', metadata })
      const second = await store().rewrite(object, { storageClass: 'COLDLINE' })
      assert.deepEqual(await store().stat(object), second)
      const { generation, timeCreated, storageClass } = second
      assert.deepEqual(second, { ...first, generation, timeCreated, storageClass })
      assert.ok(BigInt(generation) > BigInt(first.generation))
      assert.equal((await read(object, { generation })).toString(), '123456789')
      const third = await store().rewrite(object, { storageClass: 'STANDARD', ifGenerationMatch: generation })
      assert.deepEqual(third.metadata, metadata)
      assert.equal((await read(object)).toString(), '123456789')
    })

    it('moves it to another storage class, and back', unless('storage classes'), async () => {
      const object = fresh()
      assert.equal((await write(object, 'x')).storageClass, 'STANDARD')
      for (const storageClass of [...storageClasses, 'STANDARD'] as const) {
        assert.equal((await store().rewrite(object, { storageClass })).storageClass, storageClass)
        assert.equal((await store().stat(object))?.storageClass, storageClass)
      }
    })

    it('does not move what is no longer what it was, or no longer there', async () => {
      const object = fresh()
      const { generation } = await write(object, 'first')
      await write(object, 'second')
      const move = (): Promise<ObjectInfo> =>
        store().rewrite(object, { storageClass: 'ARCHIVE', ifGenerationMatch: generation })
      await assert.rejects(move(), storeError('PRECONDITION_FAILED'))
      assert.equal((await store().stat(object))?.storageClass, 'STANDARD')
      await store().delete(object)
      await assert.rejects(move(), storeError('NOT_FOUND'))
    })
  })
}
