import assert from 'node:assert/strict'
import { readdir, readlink } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sampleBytes } from '../../test/conformance/objects/suite.ts'
import type { ObjectInfo } from '../ports.ts'
import { pageOrigin, startBuckets, type Buckets } from './testing/buckets.ts'

describe('The bucket server', () => {
  let buckets: Buckets
  before(async () => {
    buckets = await startBuckets()
  })
  after(() => buckets.close())

  const write = (name: string, bytes: string | Buffer, contentType = 'audio/mpeg'): Promise<ObjectInfo> =>
    buckets.objects.write({ bucket: 'b', name }, once(Buffer.from(bytes)), { contentType })
  async function sign(name: string, expiresInSeconds = 60): Promise<string> {
    return (
      await buckets.objects.signedUrl({ bucket: 'b', name }, { expiresInSeconds, filename: 'song.mp3' })
    ).url
  }

  describe('answers a signed URL', () => {
    it('with headers that say what it is and keep a browser from running it', async () => {
      const { generation, timeCreated } = await write('song', '123456789')
      const { headers } = await fetch(await sign('song'))
      const expected = {
        'content-type': 'audio/mpeg',
        'content-length': '9',
        'content-disposition': 'attachment; filename=song.mp3',
        'content-security-policy': 'sandbox',
        'x-content-type-options': 'nosniff',
        'accept-ranges': 'bytes',
        'cache-control': 'private, max-age=0',
        etag: `"${generation}"`,
        'last-modified': timeCreated.toUTCString(),
        'x-goog-generation': generation,
        'x-goog-hash': 'crc32c=4waSgw==',
      }
      for (const [name, value] of Object.entries(expected)) assert.equal(headers.get(name), value, name)
    })

    for (const dangerous of [
      'text/html',
      'image/svg+xml',
      'application/xhtml+xml',
      'text/javascript',
      'audio/x\r\nX: y',
      'audio/mpeg; charset=x',
    ])
      it(`never as ${JSON.stringify(dangerous)}`, async () => {
        await write('page', '<script>alert(1)</script>', dangerous)
        const { headers } = await fetch(await sign('page'))
        assert.equal(headers.get('content-type'), 'application/octet-stream')
        assert.equal(headers.get('x'), null)
      })

    it('to HEAD as to GET, without the bytes', async () => {
      await write('head', '0123456789')
      const response = await fetch(await sign('head'), { method: 'HEAD' })
      assert.equal(response.status, 200)
      assert.equal(response.headers.get('content-length'), '10')
      assert.equal(await response.text(), '')
    })

    it('of an empty object', async () => {
      await write('empty', '')
      const response = await fetch(await sign('empty'))
      assert.equal(response.status, 200)
      assert.equal(await response.text(), '')
      assert.equal((await fetch(await sign('empty'), { headers: { Range: 'bytes=0-' } })).status, 416)
    })

    it('as a whole where a range is not understood, is several, or is of another generation', async () => {
      const { generation } = await write('whole', '0123456789')
      const url = await sign('whole')
      const get = (headers: Record<string, string>): Promise<Response> => fetch(url, { headers })
      for (const range of ['bytes=a-b', 'bytes 1-2', 'items=1-2', 'bytes=1-2,4-5'])
        assert.equal(await (await get({ Range: range })).text(), '0123456789', range)
      assert.equal((await get({ Range: 'bytes=1-2', 'If-Range': '"1"' })).status, 200)
      assert.equal((await get({ Range: 'bytes=1-2', 'If-Range': `"${generation}"` })).status, 206)
    })

    it('with 416 and the size where the range is beyond the end', async () => {
      await write('short', '0123456789')
      const response = await fetch(await sign('short'), { headers: { Range: 'bytes=10-20' } })
      assert.equal(response.status, 416)
      assert.equal(response.headers.get('content-range'), 'bytes */10')
    })

    it('with the newest generation', async () => {
      await write('renewed', 'old')
      const url = await sign('renewed')
      await write('renewed', 'new')
      assert.equal(await (await fetch(url)).text(), 'new')
    })
  })

  describe('refuses', () => {
    it('a URL that has expired', async (t) => {
      await write('late', 'x')
      const { url, expiresAt } = await buckets.objects.signedUrl(
        { bucket: 'b', name: 'late' },
        { expiresInSeconds: 60, filename: 'x' },
      )
      t.mock.timers.enable({ apis: ['Date'], now: expiresAt.getTime() - 1 })
      assert.equal((await fetch(url)).status, 200)
      t.mock.timers.setTime(expiresAt.getTime())
      const late = await fetch(url)
      assert.equal(late.status, 400)
      assert.equal(await errorCode(late), 'ExpiredToken')
    })

    it('a URL in which anything was changed', async () => {
      await write('mine', 'x')
      await write('yours', 'y')
      const url = await sign('mine')
      const changed = [
        url.replace('mine', 'yours'),
        url.replace('/b/', '/c/'),
        url.replace('mine', '%6dine'),
        url.replace('X-Goog-Expires=60', 'X-Goog-Expires=600'),
        url.replace('attachment', 'inline'),
        url.replace(/Signature=..../, 'Signature=0000'),
        url.replace(/X-Goog-Signature=\w+/, 'X-Goog-Signature='),
        `${url}&response-content-type=text/html`,
        `${url}&X-Goog-Expires=600`,
      ]
      for (const wrong of changed) {
        const response = await fetch(wrong)
        assert.equal(response.status, 403, wrong)
        assert.equal(await errorCode(response), 'SignatureDoesNotMatch')
      }
    })

    it('a URL without a signature', async () => {
      await write('open', 'x')
      const response = await fetch(`${buckets.url}/b/open`)
      assert.equal(response.status, 403)
      assert.equal(await errorCode(response), 'AccessDenied')
    })

    it('to sign for no time, or for more than a week', async () => {
      for (const seconds of [0, -1, 0.5, 604_801]) await assert.rejects(sign('open', seconds), RangeError)
      await sign('open', 604_800)
    })

    it('other methods', async () => {
      const url = await sign('open')
      for (const method of ['POST', 'PUT', 'DELETE', 'PATCH'])
        assert.equal((await fetch(url, { method })).status, 405)
    })

    const unknown = [
      '/',
      '//',
      '/b',
      '/b/',
      '/a/b/c',
      '/../../etc/passwd',
      '/b/%',
      '/b/%ff',
      '/upload/storage/v1/b/b/o',
      '/upload/storage/v1/b/b/o?uploadType=resumable&upload_id=nobody',
      '*',
      'http://elsewhere.example/x',
      `/${'x'.repeat(8000)}`,
    ]
    for (const path of unknown)
      it(`${path.slice(0, 60)} without saying more than that`, async () => {
        const response = await raw(buckets.url, path)
        const body = await text(response)
        assert.ok([403, 404].includes(response.statusCode ?? 0), `status ${response.statusCode}`)
        assert.equal(response.headers['x-content-type-options'], 'nosniff')
        assert.equal(response.headers['content-security-policy'], 'sandbox')
        assert.doesNotMatch(body, /\bat \w|node:|\.ts\b|passwd/)
      })

    it('what is not HTTP, and goes on', async () => {
      await new Promise<void>((resolve) => {
        const socket = connect(Number(new URL(buckets.url).port), '127.0.0.1')
        socket.on('close', () => resolve()).on('error', () => undefined)
        socket.resume()
        socket.end('\0\x01 not a request\r\n\r\n')
      })
      await write('after', 'fine')
      assert.equal(await (await fetch(await sign('after'))).text(), 'fine')
    })
  })

  describe('lets pages read signed URLs', () => {
    it('on the allowed origins, ranges too', async () => {
      await write('cors', '0123456789')
      const url = await sign('cors')
      const preflight = await fetch(url, {
        method: 'OPTIONS',
        headers: {
          Origin: pageOrigin,
          'Access-Control-Request-Method': 'GET',
          'Access-Control-Request-Headers': 'range',
        },
      })
      assert.equal(preflight.status, 204)
      assert.equal(preflight.headers.get('access-control-allow-origin'), pageOrigin)
      assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /\bRange\b/)
      const { headers } = await fetch(url, { headers: { Origin: pageOrigin, Range: 'bytes=0-1' } })
      assert.equal(headers.get('access-control-allow-origin'), pageOrigin)
      assert.equal(headers.get('vary'), 'Origin')
      for (const exposed of ['Content-Range', 'ETag', 'x-goog-hash'])
        assert.ok(headers.get('access-control-expose-headers')?.includes(exposed), exposed)
    })

    it('with the reason for a refusal', async () => {
      const { headers } = await fetch(`${buckets.url}/b/cors`, { headers: { Origin: pageOrigin } })
      assert.equal(headers.get('access-control-allow-origin'), pageOrigin)
    })

    it('nowhere else', async () => {
      const url = await sign('cors')
      for (const origin of ['https://elsewhere.example', 'null', `${pageOrigin}.elsewhere.example`]) {
        const { headers } = await fetch(url, { headers: { Origin: origin } })
        assert.equal(headers.get('access-control-allow-origin'), null, origin)
        assert.equal(headers.get('vary'), 'Origin')
      }
    })
  })

  it('holds nothing for clients that hang up midway', async () => {
    await write('large', sampleBytes(8_000_000))
    const url = await sign('large')
    const size = 8_000_000
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const response = await raw(url, undefined)
        await new Promise((resolve) => response.once('data', resolve))
        response.destroy()
        const session = await buckets.objects.createUploadSession(
          { bucket: 'b', name: `half-${i}` },
          { contentType: 'x/y', size },
        )
        const sending = request(session, { method: 'PUT', headers: { 'Content-Length': size } })
        sending.on('error', () => undefined)
        await new Promise<void>((resolve) => sending.write(Buffer.alloc(1_000_000), () => resolve()))
        sending.destroy()
      }),
    )
    // Connections are taken in order: once this one is answered, so are all before it.
    await (await fetch(url)).arrayBuffer()
    // Waits for it to come true; a leak makes this never end.
    while ((await openObjectFiles(buckets.dataDir)) > 0 || (await connections(buckets)) > 0) await sleep(5)
  })
})

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function errorCode(response: Response): Promise<string | undefined> {
  return /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1]
}

/** A GET whose path is sent as it is, which fetch would tidy. */
function raw(url: string, path: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { agent: false, ...(path !== undefined && { path }) }
    request(url, options, resolve).on('error', reject).end()
  })
}

/** How many of the store's files this process has open; 0 where the system does not tell. */
async function openObjectFiles(dataDir: string): Promise<number> {
  const descriptors = await readdir('/proc/self/fd').catch((): string[] => [])
  const targets = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return targets.filter((target) => target.startsWith(join(dataDir, 'objects') + '/')).length
}

/** Connections that are answering a request; idle ones of fetch are closed first. */
function connections({ server }: Buckets): Promise<number> {
  server.closeIdleConnections()
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )
}
