import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { put } from './session-requests.ts'
import { quantum, sampleBytes, type ObjectStoreSuite } from './suite.ts'

/** Resumable uploads that somebody ends before their last byte. */
export function cancelledSessions({ store, openSession, fresh, read, unless }: ObjectStoreSuite): void {
  describe('a cancelled upload session', unless('cancelled sessions'), () => {
    it('takes nothing more, and leaves no object', async () => {
      const object = fresh()
      const bytes = sampleBytes(2 * quantum)
      const url = await openSession(object, bytes.length)
      await put(url, bytes.subarray(0, quantum), `bytes 0-${quantum - 1}/${bytes.length}`)
      await store().cancelUploadSession(url)
      const asked = await put(url, '', `bytes */${bytes.length}`)
      assert.ok(asked.status >= 400, `status ${asked.status}`)
      const later = await put(url, bytes)
      assert.ok(later.status >= 400, `status ${later.status}`)
      assert.equal(await store().stat(object), undefined)
    })

    it('is over when its URL is deleted, as a browser does', async () => {
      const object = fresh()
      const bytes = sampleBytes(2 * quantum)
      const url = await openSession(object, bytes.length)
      await put(url, bytes.subarray(0, quantum), `bytes 0-${quantum - 1}/${bytes.length}`)
      assert.equal((await fetch(url, { method: 'DELETE' })).status, 499)
      const later = await put(url, bytes)
      assert.ok(later.status >= 400 && later.status < 500, `status ${later.status}`)
      const asked = await put(url, '', 'bytes */*')
      assert.ok(asked.status >= 400 && asked.status < 500, `status ${asked.status}`)
      assert.equal(await store().stat(object), undefined)
    })

    it('is not there under another id', async () => {
      const url = new URL(await openSession(fresh(), 3))
      url.searchParams.set('upload_id', 'made-up')
      assert.equal((await put(url.href, 'abc')).status, 404)
    })
  })

  describe('to cancel an upload session', () => {
    it('that is cancelled already is no error', async () => {
      const url = await openSession(fresh(), 3)
      await store().cancelUploadSession(url)
      await store().cancelUploadSession(url)
    })

    it('that is complete is no error, and leaves the object', async () => {
      const object = fresh()
      const url = await openSession(object, 3)
      assert.ok((await put(url, 'abc')).ok)
      const info = await store().stat(object)
      assert.ok(info)
      await store().cancelUploadSession(url)
      assert.deepEqual(await store().stat(object), info)
      assert.equal((await read(object)).toString(), 'abc')
    })

    it('that nobody has opened is no error', async () => {
      const url = new URL(await openSession(fresh(), 3))
      url.searchParams.set('upload_id', 'made-up')
      await store().cancelUploadSession(url.href)
    })
  })
}
