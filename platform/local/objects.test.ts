import assert from 'node:assert/strict'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { after, afterEach, before, describe, it } from 'node:test'
import { objectStoreConformance } from '../../test/conformance/objects/index.ts'
import { sampleBytes } from '../../test/conformance/objects/suite.ts'
import type { ObjectInfo, ObjectName } from '../ports.ts'
import { openObjects } from './objects.ts'
import { startBuckets, type Buckets } from './testing/buckets.ts'

objectStoreConformance('this machine', async () => {
  const buckets = await startBuckets()
  return { store: buckets.objects, bucket: 'conformance', close: buckets.close }
})

describe('Objects on this machine', () => {
  let buckets: Buckets
  before(async () => {
    buckets = await startBuckets()
  })
  afterEach(async () => {
    for await (const object of buckets.objects.list('b', '')) await buckets.objects.delete(object)
    buckets.finalized.length = 0
  })
  after(() => buckets.close())

  const files = (): Promise<string[]> => readdir(join(buckets.dataDir, 'objects'))
  const write = (name: string, bytes: string | Buffer): Promise<ObjectInfo> =>
    buckets.objects.write({ bucket: 'b', name }, once(Buffer.from(bytes)), { contentType: 'x/y' })

  describe('finalize events', () => {
    it('come with every write, compose and finished session, and say what stat says', async () => {
      const { objects, finalized } = buckets
      const part = await write('part', 'abc')
      const again = await write('part', 'def')
      const whole = await objects.compose({ bucket: 'b', name: 'whole' }, ['part'], { contentType: 'x/y' })
      const object = { bucket: 'b', name: 'uploaded' }
      const url = await objects.createUploadSession(object, {
        contentType: 'x/y',
        metadata: { a: 'b' },
        size: 2,
      })
      await fetch(url, { method: 'PUT', body: 'ab' })
      assert.deepEqual(finalized, [part, again, whole, await objects.stat(object)])
    })

    it('do not come when nothing was written', async () => {
      await write('there', 'abc')
      buckets.finalized.length = 0
      const options = { contentType: 'x/y', ifGenerationMatch: '0' }
      await assert.rejects(
        buckets.objects.write({ bucket: 'b', name: 'there' }, once(Buffer.from('new')), options),
      )
      await assert.rejects(buckets.objects.compose({ bucket: 'b', name: 'there' }, ['there'], options))
      assert.deepEqual(buckets.finalized, [])
    })

    it('that cannot be enqueued undo the write: object and event commit together', async () => {
      const { database, dataDir } = buckets
      await write('old', 'old')
      const queueless = await openObjects(database, {
        dataDir,
        bucketUrl: () => '',
        enqueueFinalized: () => {
          throw new Error('no queue')
        },
      })
      const object: ObjectName = { bucket: 'b', name: 'old' }
      await assert.rejects(
        queueless.write(object, once(Buffer.from('new')), { contentType: 'x/y' }),
        /no queue/,
      )
      assert.equal(await text(await buckets.objects.read(object)), 'old')
      assert.equal((await files()).length, 1)
    })
  })

  describe('files', () => {
    it('are as many as objects: what is replaced, deleted, refused or unfinished leaves none', async () => {
      const { objects } = buckets
      await write('a', 'one')
      await write('a', 'two')
      await write('gone', 'x')
      await objects.delete({ bucket: 'b', name: 'gone' })
      await assert.rejects(
        objects.write({ bucket: 'b', name: 'a' }, once(Buffer.from('x')), {
          contentType: 'x/y',
          ifGenerationMatch: '0',
        }),
      )
      await assert.rejects(objects.write({ bucket: 'b', name: 'b' }, failing(), { contentType: 'x/y' }))
      await assert.rejects(objects.compose({ bucket: 'b', name: 'c' }, ['a', 'none'], { contentType: 'x/y' }))
      assert.equal((await files()).length, 1)
    })

    it('are never named after objects', async () => {
      await write('../../escaped', 'x')
      assert.match((await files()).join(), /^[0-9a-f-]{36}$/)
    })

    it('that no row knows go at the next start', async () => {
      await write('kept', 'kept')
      const url = await buckets.objects.createUploadSession(
        { bucket: 'b', name: 's' },
        { contentType: 'x/y', size: 2 },
      )
      const referred = await files()
      await writeFile(join(buckets.dataDir, 'objects', 'left-by-a-crash'), 'half')
      const { database, dataDir } = buckets
      await openObjects(database, { dataDir, bucketUrl: () => '', enqueueFinalized: () => undefined })
      assert.deepEqual(await files(), referred)
      await fetch(url, { method: 'DELETE' })
      assert.equal((await files()).length, 1)
    })
  })

  describe('readers', () => {
    const big = sampleBytes(3_000_000)
    const changes: [string, () => Promise<unknown>][] = [
      ['replaced', () => write('read', 'new')],
      ['deleted', () => buckets.objects.delete({ bucket: 'b', name: 'read' })],
    ]
    for (const [how, change] of changes)
      it(`that have an object open go on when it is ${how}`, async () => {
        await write('read', big)
        const stream = await buckets.objects.read({ bucket: 'b', name: 'read' }, { start: 1000 })
        await change()
        assert.ok(big.subarray(1000).equals(await buffer(stream)))
      })

    it('of an object that is being composed are not disturbed, nor is the compose', async () => {
      await write('part', big)
      const composing = buckets.objects.compose({ bucket: 'b', name: 'whole' }, ['part', 'part'], {
        contentType: 'x/y',
      })
      await buckets.objects.delete({ bucket: 'b', name: 'part' })
      assert.equal((await composing).size, 2 * big.length)
    })
  })

  it('lists more objects than fit one page, each once', async () => {
    const names = Array.from({ length: 1003 }, (_, i) => `many/${String(i).padStart(4, '0')}`)
    await Promise.all(names.map((name) => write(name, '')))
    await write('many0', 'after the prefix')
    const found: string[] = []
    for await (const { name } of buckets.objects.list('b', 'many/')) found.push(name)
    assert.deepEqual(found, names)
  })

  it('keeps generations rising when the clock goes back', async (t) => {
    const first = await write('a', '1')
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() - 3_600_000 })
    const second = await write('a', '2')
    assert.ok(BigInt(second.generation) > BigInt(first.generation))
  })

  it('keeps buckets apart', async () => {
    await write('same', 'one')
    await buckets.objects.write({ bucket: 'other', name: 'same' }, once(Buffer.from('two')), {
      contentType: 'x/y',
    })
    assert.equal(await text(await buckets.objects.read({ bucket: 'b', name: 'same' })), 'one')
    await buckets.objects.delete({ bucket: 'other', name: 'same' })
    assert.ok(await buckets.objects.stat({ bucket: 'b', name: 'same' }))
  })
})

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half')
  throw new Error('the sender has gone')
}
