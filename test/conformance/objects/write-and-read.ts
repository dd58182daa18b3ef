import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chunks, kib, sampleBytes, storeError, type ObjectStoreSuite } from './suite.ts'

/** An object is what was written, or is not there. */
export function writeAndRead({ store, bucket, fresh, read, write, unless }: ObjectStoreSuite): void {
  describe('write, read and stat', () => {
    it('gives back the bytes and what was said about them', async () => {
      const object = fresh('.txt')
      const written = await store().write(object, chunks('1234', '', '56789'), {
        contentType: 'text/plain',
        metadata: { owner: 'someone', empty: '' },
      })
      assert.equal((await read(object)).toString(), '123456789')
      assert.deepEqual(await store().stat(object), written)
      const { generation, timeCreated, ...rest } = written
      assert.deepEqual(rest, {
        ...object,
        size: 9,
        contentType: 'text/plain',
        storageClass: 'STANDARD',
        // The check value of CRC-32C: 0xe3069283.
        crc32c: '4waSgw==',
        metadata: { owner: 'someone', empty: '' },
      })
      assert.match(generation, /^[1-9]\d*$/)
      assert.ok(timeCreated instanceof Date && !Number.isNaN(timeCreated.getTime()))
    })

    it('has no metadata where none was given', async () => {
      assert.deepEqual((await write(fresh(), 'x')).metadata, {})
    })

    it('holds empty objects', async () => {
      const object = fresh()
      const written = await store().write(object, chunks(), { contentType: 'text/plain' })
      assert.equal(written.size, 0)
      assert.equal(written.crc32c, 'AAAAAA==')
      assert.equal((await read(object)).length, 0)
    })

    it('holds objects of several megabytes', async () => {
      const object = fresh()
      const bytes = sampleBytes(5 * kib * kib + 17)
      await store().write(object, chunks(bytes.subarray(0, 1_000_001), bytes.subarray(1_000_001)), {
        contentType: 'video/mp4',
      })
      assert.ok(bytes.equals(await read(object)))
    })

    it(
      'takes any UTF-8 of up to 1024 bytes as a name, and none for a path',
      unless('odd names'),
      async () => {
        const names = [
          '../../escape',
          '/absolute',
          'a//b/',
          'ü 日本 🎵 %2F?#&+\\"\'<>',
          'n'.repeat(1024),
          'é'.repeat(512),
        ]
        for (const odd of names) await write({ bucket: bucket(), name: odd }, odd)
        for (const odd of names) assert.equal((await read({ bucket: bucket(), name: odd })).toString(), odd)
        await Promise.all(names.map((odd) => store().delete({ bucket: bucket(), name: odd })))
      },
    )

    it('refuses an empty or longer name', async () => {
      for (const wrong of ['', 'n'.repeat(1025)])
        await assert.rejects(write({ bucket: bucket(), name: wrong }, 'x'))
    })

    it('reads ranges: both ends are inclusive, an end beyond the object is its end', async () => {
      const object = fresh()
      await write(object, '0123456789')
      const texts = await Promise.all(
        [{ start: 3, end: 5 }, { start: 7 }, { end: 2 }, { start: 0, end: 0 }, { start: 8, end: 99 }].map(
          async (range) => (await read(object, range)).toString(),
        ),
      )
      assert.deepEqual(texts, ['345', '789', '012', '0', '89'])
    })

    it('knows nothing of an object that is not there', async () => {
      const object = fresh()
      assert.equal(await store().stat(object), undefined)
      await assert.rejects(store().read(object), storeError('NOT_FOUND'))
    })

    it('leaves nothing when the body fails', async () => {
      const object = fresh()
      await assert.rejects(
        store().write(object, failing(), { contentType: 'text/plain' }),
        /the sender has gone/,
      )
      assert.equal(await store().stat(object), undefined)
    })

    it('keeps the old generation when the body of its replacement fails', async () => {
      const object = fresh()
      const old = await write(object, 'old')
      await assert.rejects(store().write(object, failing(), { contentType: 'text/plain' }))
      assert.deepEqual(await store().stat(object), old)
      assert.equal((await read(object)).toString(), 'old')
    })
  })
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half of ')
  throw new Error('the sender has gone')
}
