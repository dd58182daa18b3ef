import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chunks, type ObjectStoreSuite } from './suite.ts'

/** Downloads, over HTTP through signed URLs alone. */
export function signedUrls({ store, fresh, write, unless }: ObjectStoreSuite): void {
  describe('signed URLs', unless('signed URLs'), () => {
    it('serve the object as an attachment under the wanted name', async () => {
      const object = fresh('/../ü?.mp3')
      await store().write(object, chunks('music'), { contentType: 'audio/mpeg' })
      const { url, expiresAt } = await store().signedUrl(object, {
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
      const { url } = await store().signedUrl(object, { expiresInSeconds: 600, filename: 'a' })
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
      const signed = await store().signedUrl(object, { expiresInSeconds: 600, filename: 'a' })
      const longer = new URL(signed.url)
      longer.searchParams.set('X-Goog-Expires', '601')
      assert.equal((await fetch(longer)).status, 403)
      const otherName = new URL(signed.url)
      otherName.searchParams.set('response-content-disposition', 'inline')
      assert.equal((await fetch(otherName)).status, 403)
      assert.equal((await fetch(new URL(new URL(signed.url).pathname, signed.url))).status, 403)
    })

    it('of an object that is not there lead to 404', async () => {
      const { url } = await store().signedUrl(fresh(), { expiresInSeconds: 600, filename: 'a' })
      assert.equal((await fetch(url)).status, 404)
    })
  })
}
