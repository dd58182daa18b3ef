import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { buffer } from 'node:stream/consumers'
import type { LocalPlatform } from '../../platform/local/platform.ts'
import { openLocal } from '../../platform/local/testing/open-local.ts'
import { headedObject, mostHeldBytes } from './headed-object.ts'

const options = { contentType: 'audio/mpeg', metadata: { a: 'b' }, ifGenerationMatch: '0' }

describe('An object whose head comes last', { timeout: 30_000 }, () => {
  let local: LocalPlatform
  let close: () => Promise<void>
  before(async () => {
    ;({ local, close } = await openLocal('headed-object'))
  })
  after(() => close())

  async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += 100_000) yield bytes.subarray(at, at + 100_000)
  }

  async function namesIn(prefix: string): Promise<string[]> {
    const objects = await local.objects()
    const listed = await Array.fromAsync(objects.list('target', prefix))
    return listed.map(({ name }) => name)
  }

  for (const [what, size, parts] of [
    ['no bytes', 0, []],
    ['as many as are kept in memory', mostHeldBytes, []],
    ['more', mostHeldBytes + 1, ['parts/body', 'parts/head']],
  ] as const) {
    it(`is whole with a body of ${what}, and leaves nothing else`, async () => {
      const objects = await local.objects()
      const object = { bucket: 'target', name: `of ${size} bytes` }
      const body = Buffer.alloc(size, 'body')
      const headed = headedObject(objects, object, 'parts/')
      await headed.store(inPieces(body))
      assert.deepEqual(await namesIn(''), (await namesIn('of ')).concat(parts.slice(0, 1)))
      const created = await headed.create([Buffer.from('he'), Buffer.from('ad')], options)
      assert.deepEqual(await namesIn('parts/'), parts)
      await headed.removeParts()
      assert.deepEqual(await namesIn('parts/'), [])
      assert.deepEqual([created.contentType, created.metadata], ['audio/mpeg', { a: 'b' }])
      assert.deepEqual(await buffer(await objects.read(object)), Buffer.concat([Buffer.from('head'), body]))
    })
  }

  it('needs no head', async () => {
    const objects = await local.objects()
    const object = { bucket: 'target', name: 'headless' }
    const headed = headedObject(objects, object, 'parts/')
    const body = Buffer.alloc(mostHeldBytes + 1, 'body')
    await headed.store(inPieces(body))
    await headed.create([], options)
    await headed.removeParts()
    assert.deepEqual(await buffer(await objects.read(object)), body)
  })

  for (const size of [1000, mostHeldBytes + 200_000]) {
    it(`is not there at all when its body of ${size} bytes throws at its end`, async () => {
      const objects = await local.objects()
      const headed = headedObject(objects, { bucket: 'target', name: 'broken' }, 'parts/')
      async function* body(): AsyncGenerator<Buffer> {
        yield* inPieces(Buffer.alloc(size))
        throw new Error('no more')
      }
      await assert.rejects(headed.store(body()), /no more/)
      assert.deepEqual(await namesIn('parts/'), [])
    })
  }
})
