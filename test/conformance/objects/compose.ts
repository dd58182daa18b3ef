import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ObjectInfo } from '../../../platform/ports.ts'
import { storeError, type ObjectStoreSuite } from './suite.ts'

/** Objects are joined without being sent again. */
export function compose({ store, fresh, read, write, unless }: ObjectStoreSuite): void {
  describe('compose', () => {
    it('joins parts in order, the same one more than once too', async () => {
      const [a, b, whole] = [fresh(), fresh(), fresh()]
      await write(a, '1234')
      await write(b, '56789')
      const info = await store().compose(whole, [a.name, b.name, a.name], {
        contentType: 'audio/mpeg',
        metadata: { attempt: '1' },
      })
      assert.equal((await read(whole)).toString(), '1234567891234')
      assert.deepEqual(await store().stat(whole), info)
      assert.equal(info.size, 13)
      assert.equal(info.contentType, 'audio/mpeg')
      assert.deepEqual(info.metadata, { attempt: '1' })
      assert.equal((await read(a)).toString(), '1234')
    })

    it('has the checksum of the joined bytes', async () => {
      const [a, b, whole] = [fresh(), fresh(), fresh()]
      await write(a, '1234')
      await write(b, '56789')
      const { crc32c } = await store().compose(whole, [a.name, b.name], { contentType: 'audio/mpeg' })
      assert.equal(crc32c, '4waSgw==')
    })

    it('takes 1 to 32 parts', async () => {
      const part = fresh()
      await write(part, 'ab')
      const compose = (parts: number): Promise<ObjectInfo> =>
        store().compose(fresh(), Array<string>(parts).fill(part.name), { contentType: 'text/plain' })
      assert.equal((await compose(1)).size, 2)
      assert.equal((await compose(32)).size, 64)
      await assert.rejects(compose(0))
      await assert.rejects(compose(33))
    })

    it('can write over one of its parts', async () => {
      const [a, b] = [fresh(), fresh()]
      await write(a, 'one ')
      await write(b, 'two')
      await store().compose(a, [a.name, b.name], { contentType: 'text/plain' })
      assert.equal((await read(a)).toString(), 'one two')
    })

    it('makes nothing when a part is missing', unless('compose of missing parts'), async () => {
      const [part, whole] = [fresh(), fresh()]
      await write(part, 'there')
      await assert.rejects(
        store().compose(whole, [part.name, 'object-that-is-not-there'], { contentType: 'text/plain' }),
        storeError('NOT_FOUND'),
      )
      assert.equal(await store().stat(whole), undefined)
    })

    it('respects a precondition', unless('compose preconditions'), async () => {
      const [part, whole] = [fresh(), fresh()]
      await write(part, 'part')
      const compose = (ifGenerationMatch: string): Promise<ObjectInfo> =>
        store().compose(whole, [part.name], { contentType: 'text/plain', ifGenerationMatch })
      const first = await compose('0')
      await assert.rejects(compose('0'), storeError('PRECONDITION_FAILED'))
      const second = await compose(first.generation)
      assert.ok(BigInt(second.generation) > BigInt(first.generation))
    })
  })
}
