import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { startBuckets, type Buckets } from '../../../platform/local/testing/buckets.ts'
import { effort, isLong } from '../effort.ts'
import { keepFigures } from '../figures.ts'
import { headerText, nastyText, someOf, urlText } from './testing/nasty.ts'
import { send, trafficReport } from './testing/request.ts'
import { ranges } from './testing/requests.ts'

const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']
const bytes = Buffer.from('0123456789')

describe('Whatever is sent to the buckets', { timeout: 600_000 }, () => {
  let buckets: Buckets
  let signed: URL
  let etag: string
  before(async () => {
    buckets = await startBuckets()
    const object = { bucket: 'b', name: 'a song' }
    const { generation } = await buckets.objects.write(object, Readable.from([bytes]), {
      contentType: 'audio/mpeg',
    })
    etag = `"${generation}"`
    const { url } = await buckets.objects.signedUrl(object, {
      expiresInSeconds: 3600,
      filename: 'a "song".mp3',
    })
    signed = new URL(url)
  })
  after(async () => {
    await buckets.close()
    if (isLong) await keepFigures('hostile clients', 'requests to the buckets', trafficReport())
  })

  const strange = someOf({
    Range: fc.oneof(ranges, headerText),
    'If-Range': fc.oneof(headerText, fc.constantFrom('W/"1"', '*')),
    'If-Match': headerText,
    'Content-Range': headerText,
    'Content-Encoding': headerText,
    'X-Goog-Hash': headerText,
    'X-Goog-If-Generation-Match': headerText,
    Origin: headerText,
    'Access-Control-Request-Method': headerText,
  })

  it('with a signed URL: one gets just the bytes that one is told', async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...methods),
      strange,
      fc.boolean(),
      async (method, headers, isSame) => {
        const all = isSame ? { ...headers, 'If-Range': etag } : headers
        const response = await send(signed.origin, {
          method,
          target: signed.pathname + signed.search,
          headers: all,
        })
        const body = Buffer.from(await response.arrayBuffer())
        assert.ok([200, 204, 206, 405, 416].includes(response.status), `${response.status}`)
        if (method === 'GET' && response.status === 200) assert.deepEqual(body, bytes)
        if (response.status !== 206) return
        const [, first, last] =
          /^bytes (\d+)-(\d+)\/10$/.exec(response.headers.get('content-range') ?? '') ?? []
        assert.deepEqual(body, bytes.subarray(Number(first), Number(last) + 1))
      },
    )
    await fc.assert(property, effort(50, 5000))
  })

  it('with a signed URL that is not as it was signed: one gets nothing', async () => {
    const original = new URLSearchParams(signed.search).toString()
    const target = signed.pathname + signed.search
    const changes = fc.tuple(fc.nat(target.length - 1), urlText, fc.nat(3))
    const property = fc.asyncProperty(changes, async ([place, text, dropped]) => {
      const changed = target.slice(0, Math.max(1, place)) + text + target.slice(place + dropped)
      const [path = '', ...query] = changed.split('?')
      const isSame = path === signed.pathname && new URLSearchParams(query.join('?')).toString() === original
      const response = await send(signed.origin, { method: 'GET', target: changed, headers: {} })
      await response.body?.cancel()
      assert.ok(isSame || [400, 403, 404].includes(response.status), `${response.status} to ${changed}`)
    })
    await fc.assert(property, effort(80, 20_000))
  })

  it('with an upload session: it takes just the bytes that it was opened for', async () => {
    const number = fc.constantFrom(
      '0',
      '1',
      '9',
      '10',
      '11',
      '-1',
      '*',
      '262143',
      '999999999999999',
      '9'.repeat(30),
      '',
    )
    const contentRange = fc.oneof(
      fc.tuple(number, number, number).map(([first, last, total]) => `bytes ${first}-${last}/${total}`),
      fc.constantFrom(
        'bytes */*',
        'bytes */10',
        'bytes */11',
        'bytes 0-9/10',
        'bytes 0-4/10',
        'bytes 5-9/10',
      ),
      headerText,
    )
    const hash = fc.oneof(
      headerText,
      fc.constantFrom('crc32c=AAAAAA==', 'md5=x', 'crc32c=', ',crc32c=,crc32c=x'),
    )
    const attempt = fc.record({
      method: fc.constantFrom('PUT', 'PUT', 'PUT', ...methods),
      headers: fc
        .tuple(strange, contentRange, hash, fc.constantFrom(0, 1, 2))
        .map(([some, range, sum, how]) => {
          if (how > 0) some['Content-Range'] = range
          if (how > 1) some['X-Goog-Hash'] = sum
          return some
        }),
      body: fc.uint8Array({ maxLength: 12 }).map((all) => Buffer.from(all)),
      query: fc.oneof(
        { weight: 4, arbitrary: fc.constant('') },
        urlText.map((text) => `&${text}`),
      ),
    })
    let count = 0
    const property = fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 4 }), async (attempts) => {
      const object = { bucket: 'b', name: `upload ${++count}` }
      const url = new URL(
        await buckets.objects.createUploadSession(object, { contentType: 'video/mp4', size: 10 }),
      )
      for (const { method, headers, body, query } of attempts) {
        const target = url.pathname + url.search + query
        const response = await send(url.origin, { method, target, headers, body })
        const text = await response.text()
        // Its own 503 means: ask where to go on.
        assert.ok(response.status < 500 || (response.status === 503 && text.includes('backendError')), text)
      }
      const info = await buckets.objects.stat(object)
      assert.ok(info === undefined || info.size === 10)
      await buckets.objects.delete(object)
      await send(url.origin, { method: 'DELETE', target: url.pathname + url.search, headers: {} })
    })
    await fc.assert(property, effort(20, 3000))
  })

  it('with a session that never was: it is told so', async () => {
    const property = fc.asyncProperty(
      urlText,
      nastyText,
      fc.constantFrom(...methods),
      async (bucket, id, method) => {
        const search = new URLSearchParams({
          uploadType: 'resumable',
          upload_id: id.toWellFormed(),
        }).toString()
        const target = `/upload/storage/v1/b/${bucket || 'b'}/o?${search}`.slice(0, 8000)
        const response = await send(buckets.url, { method, target, headers: {}, body: bytes })
        await response.body?.cancel()
        assert.ok([204, 404].includes(response.status), `${response.status}`)
      },
    )
    await fc.assert(property, effort(20, 3000))
  })

  it('it goes on as before', async () => {
    const response = await fetch(signed)
    assert.deepEqual(Buffer.from(await response.arrayBuffer()), bytes)
  })
})
