import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { request as httpRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { storageClasses } from '../../lib/storage-class.ts'
import type { ObjectInfo, ObjectStore, StoreErrorCode } from '../../platform/ports.ts'

/** A store to test, and an empty bucket in it. */
export interface ObjectStoreUnderTest {
  store: ObjectStore
  bucket: string
  close: () => Promise<void>
}

/** What an emulator may be known to get wrong. Each is left out by its name, with the reason. */
export type ObjectStoreQuirk =
  | 'odd names'
  | 'order of names'
  | 'old generations'
  | 'storage classes'
  | 'compose preconditions'
  | 'compose of missing parts'
  | 'chunked sessions'
  | 'create-only sessions'
  | 'cancelled sessions'
  | 'cross-origin sessions'
  | 'signed URLs'

const kib = 1024
const quantum = 256 * kib

/** Bytes in which every position can be told from its neighbours and from the same one under another seed. */
export function sampleBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed >>> 0
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

/** What every ObjectStore must do. Sessions and signed URLs are driven over HTTP, through the URLs alone. */
export function objectStoreConformance(
  name: string,
  makeStore: () => Promise<ObjectStoreUnderTest>,
  leftOut: Partial<Record<ObjectStoreQuirk, string>> = {},
): void {
  const unless = (quirk: ObjectStoreQuirk): { skip: string | false } => ({ skip: leftOut[quirk] ?? false })

  describe(`ObjectStore on ${name}`, () => {
    let made: ObjectStoreUnderTest
    let store: ObjectStore
    let bucket: string
    let count = 0
    before(async () => {
      made = await makeStore()
      ;({ store, bucket } = made)
    })
    after(() => made.close())

    /** An object that no other test has. */
    const fresh = (suffix = ''): { bucket: string; name: string } => ({
      bucket,
      name: `object-${++count}${suffix}`,
    })
    const read = async (object: { bucket: string; name: string }, options = {}): Promise<Buffer> =>
      buffer(await store.read(object, options))
    const write = (object: { bucket: string; name: string }, text: string | Buffer): Promise<ObjectInfo> =>
      store.write(object, chunks(text), { contentType: 'text/plain' })

    const list = async (prefix: string): Promise<string[]> => {
      const found: string[] = []
      for await (const info of store.list(bucket, prefix)) found.push(info.name)
      return found
    }

    const open = (object: { bucket: string; name: string }, size: number, origin?: string): Promise<string> =>
      store.createUploadSession(object, {
        contentType: 'video/mp4',
        metadata: { owner: 'someone' },
        size,
        ...(origin !== undefined && { origin }),
      })

    describe('write, read and stat', () => {
      it('gives back the bytes and what was said about them', async () => {
        const object = fresh('.txt')
        const written = await store.write(object, chunks('1234', '', '56789'), {
          contentType: 'text/plain',
          metadata: { owner: 'someone', empty: '' },
        })
        assert.equal((await read(object)).toString(), '123456789')
        assert.deepEqual(await store.stat(object), written)
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
        const written = await store.write(object, chunks(), { contentType: 'text/plain' })
        assert.equal(written.size, 0)
        assert.equal(written.crc32c, 'AAAAAA==')
        assert.equal((await read(object)).length, 0)
      })

      it('holds objects of several megabytes', async () => {
        const object = fresh()
        const bytes = sampleBytes(5 * kib * kib + 17)
        await store.write(object, chunks(bytes.subarray(0, 1_000_001), bytes.subarray(1_000_001)), {
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
          for (const odd of names) await write({ bucket, name: odd }, odd)
          for (const odd of names) assert.equal((await read({ bucket, name: odd })).toString(), odd)
          await Promise.all(names.map((odd) => store.delete({ bucket, name: odd })))
        },
      )

      it('refuses an empty or longer name', async () => {
        for (const wrong of ['', 'n'.repeat(1025)]) await assert.rejects(write({ bucket, name: wrong }, 'x'))
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
        assert.equal(await store.stat(object), undefined)
        await assert.rejects(store.read(object), storeError('NOT_FOUND'))
      })

      it('leaves nothing when the body fails', async () => {
        const object = fresh()
        await assert.rejects(
          store.write(object, failing(), { contentType: 'text/plain' }),
          /the sender has gone/,
        )
        assert.equal(await store.stat(object), undefined)
      })

      it('keeps the old generation when the body of its replacement fails', async () => {
        const object = fresh()
        const old = await write(object, 'old')
        await assert.rejects(store.write(object, failing(), { contentType: 'text/plain' }))
        assert.deepEqual(await store.stat(object), old)
        assert.equal((await read(object)).toString(), 'old')
      })
    })

    describe('generations', () => {
      it('are new and higher with every write, after a delete too', async () => {
        const object = fresh()
        const first = await write(object, '1')
        const second = await write(object, '2')
        await store.delete(object)
        const third = await write(object, '3')
        assert.ok(BigInt(first.generation) < BigInt(second.generation))
        assert.ok(BigInt(second.generation) < BigInt(third.generation))
      })

      it('can be asked for; one that has been replaced is not found', unless('old generations'), async () => {
        const object = fresh()
        const first = await write(object, '1')
        const second = await write(object, '2')
        assert.equal((await read(object, { generation: second.generation })).toString(), '2')
        await assert.rejects(store.read(object, { generation: first.generation }), storeError('NOT_FOUND'))
      })

      it('0 as a precondition only creates', async () => {
        const object = fresh()
        const create = (text: string): Promise<ObjectInfo> =>
          store.write(object, chunks(text), { contentType: 'text/plain', ifGenerationMatch: '0' })
        const first = await create('first')
        await assert.rejects(create('second'), storeError('PRECONDITION_FAILED'))
        assert.deepEqual(await store.stat(object), first)
        assert.equal((await read(object)).toString(), 'first')
        await store.delete(object)
        await create('third')
      })

      it('any other precondition only replaces exactly that one', async () => {
        const object = fresh()
        const first = await write(object, '1')
        const replace = (text: string): Promise<ObjectInfo> =>
          store.write(object, chunks(text), {
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
            store.write(object, chunks(String(i)), { contentType: 'text/plain', ifGenerationMatch: '0' }),
          ),
        )
        const winners = attempts.flatMap((attempt, i) => (attempt.status === 'fulfilled' ? [i] : []))
        assert.equal(winners.length, 1)
        assert.equal((await read(object)).toString(), String(winners[0]))
      })
    })

    describe('compose', () => {
      it('joins parts in order, the same one more than once too', async () => {
        const [a, b, whole] = [fresh(), fresh(), fresh()]
        await write(a, '1234')
        await write(b, '56789')
        const info = await store.compose(whole, [a.name, b.name, a.name], {
          contentType: 'audio/mpeg',
          metadata: { attempt: '1' },
        })
        assert.equal((await read(whole)).toString(), '1234567891234')
        assert.deepEqual(await store.stat(whole), info)
        assert.equal(info.size, 13)
        assert.equal(info.contentType, 'audio/mpeg')
        assert.deepEqual(info.metadata, { attempt: '1' })
        assert.equal((await read(a)).toString(), '1234')
      })

      it('has the checksum of the joined bytes', async () => {
        const [a, b, whole] = [fresh(), fresh(), fresh()]
        await write(a, '1234')
        await write(b, '56789')
        const { crc32c } = await store.compose(whole, [a.name, b.name], { contentType: 'audio/mpeg' })
        assert.equal(crc32c, '4waSgw==')
      })

      it('takes 1 to 32 parts', async () => {
        const part = fresh()
        await write(part, 'ab')
        const compose = (parts: number): Promise<ObjectInfo> =>
          store.compose(fresh(), Array<string>(parts).fill(part.name), { contentType: 'text/plain' })
        assert.equal((await compose(1)).size, 2)
        assert.equal((await compose(32)).size, 64)
        await assert.rejects(compose(0))
        await assert.rejects(compose(33))
      })

      it('can write over one of its parts', async () => {
        const [a, b] = [fresh(), fresh()]
        await write(a, 'one ')
        await write(b, 'two')
        await store.compose(a, [a.name, b.name], { contentType: 'text/plain' })
        assert.equal((await read(a)).toString(), 'one two')
      })

      it('makes nothing when a part is missing', unless('compose of missing parts'), async () => {
        const [part, whole] = [fresh(), fresh()]
        await write(part, 'there')
        await assert.rejects(
          store.compose(whole, [part.name, 'object-that-is-not-there'], { contentType: 'text/plain' }),
          storeError('NOT_FOUND'),
        )
        assert.equal(await store.stat(whole), undefined)
      })

      it('respects a precondition', unless('compose preconditions'), async () => {
        const [part, whole] = [fresh(), fresh()]
        await write(part, 'part')
        const compose = (ifGenerationMatch: string): Promise<ObjectInfo> =>
          store.compose(whole, [part.name], { contentType: 'text/plain', ifGenerationMatch })
        const first = await compose('0')
        await assert.rejects(compose('0'), storeError('PRECONDITION_FAILED'))
        const second = await compose(first.generation)
        assert.ok(BigInt(second.generation) > BigInt(first.generation))
      })
    })

    describe('rewrite', () => {
      it('makes a new generation with all that was said about the object', async () => {
        const object = fresh()
        const metadata = { owner: 'someone', title: 'Grüße' }
        const first = await store.write(object, chunks('123456789'), { contentType: 'audio/mpeg', metadata })
        const second = await store.rewrite(object, { storageClass: 'COLDLINE' })
        assert.deepEqual(await store.stat(object), second)
        const { generation, timeCreated, storageClass } = second
        assert.deepEqual(second, { ...first, generation, timeCreated, storageClass })
        assert.ok(BigInt(generation) > BigInt(first.generation))
        assert.equal((await read(object, { generation })).toString(), '123456789')
        const third = await store.rewrite(object, { storageClass: 'STANDARD', ifGenerationMatch: generation })
        assert.deepEqual(third.metadata, metadata)
        assert.equal((await read(object)).toString(), '123456789')
      })

      it('moves it to another storage class, and back', unless('storage classes'), async () => {
        const object = fresh()
        assert.equal((await write(object, 'x')).storageClass, 'STANDARD')
        for (const storageClass of [...storageClasses, 'STANDARD'] as const) {
          assert.equal((await store.rewrite(object, { storageClass })).storageClass, storageClass)
          assert.equal((await store.stat(object))?.storageClass, storageClass)
        }
      })

      it('does not move what is no longer what it was, or no longer there', async () => {
        const object = fresh()
        const { generation } = await write(object, 'first')
        await write(object, 'second')
        const move = (): Promise<ObjectInfo> =>
          store.rewrite(object, { storageClass: 'ARCHIVE', ifGenerationMatch: generation })
        await assert.rejects(move(), storeError('PRECONDITION_FAILED'))
        assert.equal((await store.stat(object))?.storageClass, 'STANDARD')
        await store.delete(object)
        await assert.rejects(move(), storeError('NOT_FOUND'))
      })
    })

    describe('delete', () => {
      it('removes the object', async () => {
        const object = fresh()
        await write(object, 'x')
        await store.delete(object)
        assert.equal(await store.stat(object), undefined)
        await assert.rejects(store.read(object), storeError('NOT_FOUND'))
      })

      it('of nothing is no error', async () => {
        await store.delete(fresh())
      })
    })

    describe('list', () => {
      it('gives the objects under a prefix, by name', async () => {
        for (const part of ['p/2', 'p/10', 'p/1', 'p', 'p0', 'o/9'])
          await write({ bucket, name: `list/${part}` }, part)
        assert.deepEqual(await list('list/p/'), ['list/p/1', 'list/p/10', 'list/p/2'])
        assert.deepEqual(await list('list/p'), ['list/p', 'list/p/1', 'list/p/10', 'list/p/2', 'list/p0'])
        assert.deepEqual(await list('list/none'), [])
      })

      it('gives what stat gives', async () => {
        const object = fresh('-listed')
        const info = await write(object, 'x')
        for await (const listed of store.list(bucket, object.name)) assert.deepEqual(listed, info)
        assert.deepEqual(await list(object.name), [object.name])
      })

      it('takes a prefix literally', async () => {
        for (const part of ['50%', '50x', '5_', '5x']) await write({ bucket, name: `literal/${part}` }, part)
        assert.deepEqual(await list('literal/50%'), ['literal/50%'])
        assert.deepEqual(await list('literal/5_'), ['literal/5_'])
      })

      it('orders by the bytes of UTF-8', unless('order of names'), async () => {
        const ordered = ['A', 'a', 'é', '～', '🎵'].map((letter) => `order/${letter}`)
        for (const inOrder of ordered.toReversed()) await write({ bucket, name: inOrder }, 'x')
        assert.deepEqual(await list('order/'), ordered)
      })
    })

    describe('upload sessions', () => {
      it('take everything in one request and answer with the object', async () => {
        const object = fresh(' ü.mp4')
        const bytes = sampleBytes(300 * kib + 5)
        const url = await open(object, bytes.length)
        assert.equal(await store.stat(object), undefined)
        const response = await put(url, bytes)
        assert.ok(response.status === 200 || response.status === 201, `status ${response.status}`)
        const resource = await jsonObject(response)
        const info = await store.stat(object)
        assert.ok(info)
        assert.ok(bytes.equals(await read(object)))
        assert.equal(info.contentType, 'video/mp4')
        assert.deepEqual(info.metadata, { owner: 'someone' })
        const { bucket: inBucket, name: asName, generation, size, crc32c } = resource
        assert.deepEqual(
          { inBucket, asName, generation, size, crc32c },
          {
            inBucket: bucket,
            asName: object.name,
            generation: info.generation,
            size: String(bytes.length),
            crc32c: info.crc32c,
          },
        )
      })

      it('take chunks, and say after each what is stored', unless('chunked sessions'), async () => {
        const object = fresh()
        const bytes = sampleBytes(2 * quantum + 1000)
        const url = await open(object, bytes.length)
        const first = await put(url, bytes.subarray(0, quantum), `bytes 0-${quantum - 1}/${bytes.length}`)
        assert.equal(first.status, 308)
        assert.equal(first.headers.get('range'), `bytes=0-${quantum - 1}`)
        assert.equal(await store.stat(object), undefined)
        const second = await put(
          url,
          bytes.subarray(quantum, 2 * quantum),
          `bytes ${quantum}-${2 * quantum - 1}/*`,
        )
        assert.equal(second.status, 308)
        assert.equal(second.headers.get('range'), `bytes=0-${2 * quantum - 1}`)
        const last = await put(
          url,
          bytes.subarray(2 * quantum),
          `bytes ${2 * quantum}-${bytes.length - 1}/${bytes.length}`,
        )
        assert.equal(last.status, 200)
        assert.ok(bytes.equals(await read(object)))
      })

      it('can be asked what is stored, before, between and after', unless('chunked sessions'), async () => {
        const object = fresh()
        const bytes = sampleBytes(quantum + 1000)
        const url = await open(object, bytes.length)
        for (const question of [`bytes */${bytes.length}`, 'bytes */*']) {
          const nothing = await put(url, '', question)
          assert.equal(nothing.status, 308)
          assert.equal(nothing.headers.get('range'), null)
        }
        await put(url, bytes.subarray(0, quantum), `bytes 0-${quantum - 1}/${bytes.length}`)
        for (const question of [`bytes */${bytes.length}`, 'bytes */*']) {
          const some = await put(url, '', question)
          assert.equal(some.status, 308)
          assert.equal(some.headers.get('range'), `bytes=0-${quantum - 1}`)
        }
        await put(url, bytes.subarray(quantum), `bytes ${quantum}-${bytes.length - 1}/${bytes.length}`)
        const info = await store.stat(object)
        for (const question of [`bytes */${bytes.length}`, 'bytes */*']) {
          const all = await put(url, '', question)
          assert.equal(all.status, 200)
          assert.equal((await jsonObject(all))['generation'], info?.generation)
        }
      })

      it('go on after a connection that broke', unless('chunked sessions'), async () => {
        const object = fresh()
        const bytes = sampleBytes(3 * quantum)
        const url = await open(object, bytes.length)
        await putAndBreak(url, bytes, 2 * quantum + 4321)
        const asked = await put(url, '', `bytes */${bytes.length}`)
        assert.equal(asked.status, 308)
        const stored = storedBytes(asked)
        assert.equal(stored % quantum, 0)
        const rest = bytes.subarray(stored)
        const end = await put(url, rest, `bytes ${stored}-${bytes.length - 1}/${bytes.length}`)
        assert.equal(end.status, 200)
        assert.ok(bytes.equals(await read(object)))
      })

      it('ignore bytes that they have already', unless('chunked sessions'), async () => {
        const object = fresh()
        const bytes = sampleBytes(2 * quantum)
        const url = await open(object, bytes.length)
        await put(url, bytes.subarray(0, quantum), `bytes 0-${quantum - 1}/${bytes.length}`)
        const other = Buffer.concat([sampleBytes(quantum, 99), bytes.subarray(quantum)])
        const end = await put(url, other, `bytes 0-${bytes.length - 1}/${bytes.length}`)
        assert.equal(end.status, 200)
        assert.ok(bytes.equals(await read(object)))
      })

      it('refuse a gap', unless('chunked sessions'), async () => {
        const object = fresh()
        const bytes = sampleBytes(2 * quantum)
        const url = await open(object, bytes.length)
        const gap = await put(
          url,
          bytes.subarray(quantum),
          `bytes ${quantum}-${bytes.length - 1}/${bytes.length}`,
        )
        assert.ok(gap.status >= 400, `status ${gap.status}`)
        assert.equal(storedBytes(await put(url, '', 'bytes */*')), 0)
        assert.equal(await store.stat(object), undefined)
      })

      it('refuse another size than the declared one', unless('chunked sessions'), async () => {
        const object = fresh()
        const bytes = sampleBytes(1000)
        const url = await open(object, bytes.length)
        for (const wrong of [999, 1001]) {
          const body = sampleBytes(wrong)
          assert.equal((await put(url, body, `bytes 0-${wrong - 1}/${wrong}`)).status, 400)
          assert.equal((await put(url, body)).status, 400)
        }
        assert.equal(await store.stat(object), undefined)
        assert.equal((await put(url, bytes)).status, 200)
      })

      it('never replace an object', unless('create-only sessions'), async () => {
        const object = fresh()
        const url = await open(object, 3)
        const winner = await write(object, 'was here first')
        assert.equal((await put(url, 'new')).status, 412)
        assert.deepEqual(await store.stat(object), winner)
      })

      it('can be cancelled, and are over then', unless('cancelled sessions'), async () => {
        const object = fresh()
        const bytes = sampleBytes(2 * quantum)
        const url = await open(object, bytes.length)
        await put(url, bytes.subarray(0, quantum), `bytes 0-${quantum - 1}/${bytes.length}`)
        assert.equal((await fetch(url, { method: 'DELETE' })).status, 499)
        const later = await put(url, bytes)
        assert.ok(later.status >= 400 && later.status < 500, `status ${later.status}`)
        const asked = await put(url, '', 'bytes */*')
        assert.ok(asked.status >= 400 && asked.status < 500, `status ${asked.status}`)
        assert.equal(await store.stat(object), undefined)
      })

      it('are not there under another id', unless('cancelled sessions'), async () => {
        const url = new URL(await open(fresh(), 3))
        url.searchParams.set('upload_id', 'made-up')
        assert.equal((await put(url.href, 'abc')).status, 404)
      })

      it('let the page that opened them read every answer', unless('cross-origin sessions'), async () => {
        const origin = 'https://page.example'
        const bytes = sampleBytes(quantum + 1)
        const url = await open(fresh(), bytes.length, origin)
        const preflight = await fetch(url, {
          method: 'OPTIONS',
          headers: {
            Origin: origin,
            'Access-Control-Request-Method': 'PUT',
            'Access-Control-Request-Headers': 'content-range',
          },
        })
        assert.ok(preflight.ok, `status ${preflight.status}`)
        assert.equal(preflight.headers.get('access-control-allow-origin'), origin)
        assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /\bPUT\b/)
        assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /content-range/i)
        const chunk = await put(
          url,
          bytes.subarray(0, quantum),
          `bytes 0-${quantum - 1}/${bytes.length}`,
          origin,
        )
        assert.equal(chunk.headers.get('access-control-allow-origin'), origin)
        assert.match(chunk.headers.get('access-control-expose-headers') ?? '', /\brange\b/i)
        const elsewhere = await put(url, '', 'bytes */*', 'https://elsewhere.example')
        assert.notEqual(elsewhere.headers.get('access-control-allow-origin'), 'https://elsewhere.example')
      })
    })

    describe('signed URLs', unless('signed URLs'), () => {
      it('serve the object as an attachment under the wanted name', async () => {
        const object = fresh('/../ü?.mp3')
        await store.write(object, chunks('music'), { contentType: 'audio/mpeg' })
        const { url, expiresAt } = await store.signedUrl(object, {
          expiresInSeconds: 600,
          filename: 'Ein Lied – "лучший".mp3',
        })
        const response = await fetch(url)
        assert.equal(response.status, 200)
        assert.equal(await response.text(), 'music')
        assert.equal(response.headers.get('content-type'), 'audio/mpeg')
        const disposition = response.headers.get('content-disposition') ?? ''
        assert.match(disposition, /^attachment;/)
        const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1] ?? ''
        assert.equal(decodeURIComponent(encoded), 'Ein Lied – "лучший".mp3')
        assert.ok(expiresAt.getTime() > Date.now())
      })

      it('serve ranges', async () => {
        const object = fresh()
        await write(object, '0123456789')
        const { url } = await store.signedUrl(object, { expiresInSeconds: 600, filename: 'a' })
        const ranges: [string, number, string, string | null][] = [
          ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
          ['bytes=7-', 206, '789', 'bytes 7-9/10'],
          ['bytes=-2', 206, '89', 'bytes 8-9/10'],
          ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
        ]
        for (const [range, status, text, contentRange] of ranges) {
          const response = await fetch(url, { headers: { Range: range } })
          assert.equal(response.status, status, range)
          assert.equal(response.headers.get('content-range'), contentRange)
          assert.equal(await response.text(), text)
        }
        assert.equal((await fetch(url, { headers: { Range: 'bytes=10-' } })).status, 416)
      })

      it('are worth nothing when changed', async () => {
        const object = fresh()
        await write(object, 'x')
        const signed = await store.signedUrl(object, { expiresInSeconds: 600, filename: 'a' })
        const longer = new URL(signed.url)
        longer.searchParams.set('X-Goog-Expires', '601')
        assert.equal((await fetch(longer)).status, 403)
        const otherName = new URL(signed.url)
        otherName.searchParams.set('response-content-disposition', 'inline')
        assert.equal((await fetch(otherName)).status, 403)
        assert.equal((await fetch(new URL(new URL(signed.url).pathname, signed.url))).status, 403)
      })

      it('of an object that is not there lead to 404', async () => {
        const { url } = await store.signedUrl(fresh(), { expiresInSeconds: 600, filename: 'a' })
        assert.equal((await fetch(url)).status, 404)
      })
    })
  })
}

async function* chunks(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half of ')
  throw new Error('the sender has gone')
}

const storeError = (code: StoreErrorCode): { name: 'StoreError'; code: StoreErrorCode } => ({
  name: 'StoreError',
  code,
})

const put = (url: string, body: string | Buffer, contentRange?: string, origin?: string): Promise<Response> =>
  fetch(url, {
    method: 'PUT',
    body: typeof body === 'string' ? body : new Uint8Array(body),
    headers: {
      ...(contentRange !== undefined && { 'Content-Range': contentRange }),
      ...(origin !== undefined && { Origin: origin }),
    },
  })

/** Announces all of `bytes`, sends the first `sent` of them and hangs up once the system has taken those. */
function putAndBreak(url: string, bytes: Buffer, sent: number): Promise<void> {
  return new Promise((resolve) => {
    const sending = httpRequest(url, {
      method: 'PUT',
      headers: {
        'Content-Length': bytes.length,
        'Content-Range': `bytes 0-${bytes.length - 1}/${bytes.length}`,
      },
    })
    sending.on('error', () => resolve())
    sending.write(bytes.subarray(0, sent), () => sending.destroy(new Error('broken on purpose')))
  })
}

/** How much a 308 says is stored: "if there is no Range header, nothing is". */
function storedBytes(response: Response): number {
  const range = response.headers.get('range')
  return range === null ? 0 : Number(range.split('-')[1]) + 1
}

async function jsonObject(response: Response): Promise<Record<string, unknown>> {
  const json: unknown = await response.json()
  assert.ok(typeof json === 'object' && json !== null)
  return { ...json }
}
