import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonObject, put, putAndBreak, storedBytes } from './session-requests.ts'
import { kib, quantum, sampleBytes, type ObjectStoreSuite } from './suite.ts'

/** Resumable uploads, driven over HTTP through their URLs alone. */
export function uploadSessions({
  store,
  bucket,
  openSession,
  fresh,
  read,
  write,
  unless,
}: ObjectStoreSuite): void {
  describe('upload sessions', () => {
    it('take everything in one request and answer with the object', async () => {
      const object = fresh(' ü.mp4')
      const bytes = sampleBytes(300 * kib + 5)
      const url = await openSession(object, bytes.length)
      assert.equal(await store().stat(object), undefined)
      const response = await put(url, bytes)
      assert.ok(response.status === 200 || response.status === 201, `status ${response.status}`)
      const resource = await jsonObject(response)
      const info = await store().stat(object)
      assert.ok(info)
      assert.ok(bytes.equals(await read(object)))
      assert.equal(info.contentType, 'video/mp4')
      assert.deepEqual(info.metadata, { owner: 'someone' })
      const { bucket: inBucket, name: asName, generation, size, crc32c } = resource
      assert.deepEqual(
        { inBucket, asName, generation, size, crc32c },
        {
          inBucket: bucket(),
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
      const url = await openSession(object, bytes.length)
      const first = await put(url, bytes.subarray(0, quantum), `bytes 0-${quantum - 1}/${bytes.length}`)
      assert.equal(first.status, 308)
      assert.equal(first.headers.get('range'), `bytes=0-${quantum - 1}`)
      assert.equal(await store().stat(object), undefined)
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
      const url = await openSession(object, bytes.length)
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
      const info = await store().stat(object)
      for (const question of [`bytes */${bytes.length}`, 'bytes */*']) {
        const all = await put(url, '', question)
        assert.equal(all.status, 200)
        assert.equal((await jsonObject(all))['generation'], info?.generation)
      }
    })

    it('go on after a connection that broke', unless('chunked sessions'), async () => {
      const object = fresh()
      const bytes = sampleBytes(3 * quantum)
      const url = await openSession(object, bytes.length)
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
      const url = await openSession(object, bytes.length)
      await put(url, bytes.subarray(0, quantum), `bytes 0-${quantum - 1}/${bytes.length}`)
      const other = Buffer.concat([sampleBytes(quantum, 99), bytes.subarray(quantum)])
      const end = await put(url, other, `bytes 0-${bytes.length - 1}/${bytes.length}`)
      assert.equal(end.status, 200)
      assert.ok(bytes.equals(await read(object)))
    })

    it('refuse a gap', unless('chunked sessions'), async () => {
      const object = fresh()
      const bytes = sampleBytes(2 * quantum)
      const url = await openSession(object, bytes.length)
      const gap = await put(
        url,
        bytes.subarray(quantum),
        `bytes ${quantum}-${bytes.length - 1}/${bytes.length}`,
      )
      assert.ok(gap.status >= 400, `status ${gap.status}`)
      assert.equal(storedBytes(await put(url, '', 'bytes */*')), 0)
      assert.equal(await store().stat(object), undefined)
    })

    it('refuse another size than the declared one', unless('chunked sessions'), async () => {
      const object = fresh()
      const bytes = sampleBytes(1000)
      const url = await openSession(object, bytes.length)
      for (const wrong of [999, 1001]) {
        const body = sampleBytes(wrong)
        assert.equal((await put(url, body, `bytes 0-${wrong - 1}/${wrong}`)).status, 400)
        assert.equal((await put(url, body)).status, 400)
      }
      assert.equal(await store().stat(object), undefined)
      assert.equal((await put(url, bytes)).status, 200)
    })

    it('never replace an object', unless('create-only sessions'), async () => {
      const object = fresh()
      const url = await openSession(object, 3)
      const winner = await write(object, 'was here first')
      assert.equal((await put(url, 'new')).status, 412)
      assert.deepEqual(await store().stat(object), winner)
    })

    it('let the page that opened them read every answer', unless('cross-origin sessions'), async () => {
      const origin = 'https://page.example'
      const bytes = sampleBytes(quantum + 1)
      const url = await openSession(fresh(), bytes.length, origin)
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
}
