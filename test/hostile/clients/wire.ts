import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { Client, sending, type ProblemBody } from '../../client.ts'
import { readOpenApi } from '../../openapi/document.ts'
import type { TestServer } from '../../server.ts'
import { errorsIn } from './testing/log.ts'
import { send } from './testing/request.ts'
import { head, tell, Wire } from './testing/wire.ts'

const api = await readOpenApi()

/** A request that is answered by 200 wherever one is seen. */
const keySet = head('GET /auth/jwks.json', 'Connection: close')

/** What is no request, or hardly one. */
export function wire(server: () => TestServer): void {
  describe('a client that speaks HTTP in its own way', () => {
    let client: Client
    let token: string
    before(() => {
      client = new Client(server())
      token = `Authorization: Bearer ${server().token}`
    })

    describe('cannot hide a second request in a first one:', () => {
      const length = Buffer.byteLength(keySet)
      const post = (...lines: string[]): string =>
        head('POST /levels/confirm', 'Content-Type: application/json', ...lines)
      const smuggled: [how: string, request: string][] = [
        [
          'a length and chunks',
          `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${keySet}`,
        ],
        [
          'chunks and a length',
          `${post('Transfer-Encoding: chunked', `Content-Length: ${length}`)}0\r\n\r\n${keySet}`,
        ],
        ['two lengths', `${post('Content-Length: 0', `Content-Length: ${length}`)}${keySet}`],
        ['a list of lengths', `${post(`Content-Length: 0, ${length}`)}${keySet}`],
        ['a length with a sign', `${post('Content-Length: +0')}${keySet}`],
        ['a length that no number holds', `${post(`Content-Length: ${'9'.repeat(30)}`)}${keySet}`],
        ['an unknown encoding', `${post('Transfer-Encoding: xchunked')}0\r\n\r\n${keySet}`],
        ['an encoding after chunks', `${post('Transfer-Encoding: chunked, identity')}0\r\n\r\n${keySet}`],
        ['a space before the colon', `${post('Transfer-Encoding : chunked')}0\r\n\r\n${keySet}`],
        ['a folded line', `${post('Transfer-Encoding:', ' chunked', 'Content-Length: 0')}${keySet}`],
        [
          'a chunk of a length with a sign',
          `${post('Transfer-Encoding: chunked')}-1\r\n\r\n0\r\n\r\n${keySet}`,
        ],
        [
          'a chunk of a length that is too large',
          `${post('Transfer-Encoding: chunked')}${'F'.repeat(20)}\r\n${keySet}`,
        ],
        ['a NUL in a header', `${post('X: a\0b', 'Content-Length: 0')}${keySet}`],
        [
          'a bare line feed',
          `POST /levels/confirm HTTP/1.1\nHost: x\nContent-Length: ${length}\n\n${keySet}`,
        ],
        ['a bare carriage return', `${post('X: a\rContent-Length: 0')}${keySet}`],
      ]
      for (const [how, request] of smuggled)
        it(how, async () => assert.deepEqual(await tell(server().apiUrl, request), [400]))

      it('a chunk that does not end, after a head that was right', async () => {
        const statuses = await tell(
          server().apiUrl,
          `${post('Transfer-Encoding: chunked')}1\r\nxy\r\n0\r\n\r\n${keySet}`,
        )
        assert.ok(['400', '401'].includes(statuses.join()), statuses.join())
      })

      it('what follows an answered request is one of its own', async () => {
        const first = head('GET /auth/jwks.json')
        assert.deepEqual(await tell(server().apiUrl, first, keySet), [200, 200])
      })
    })

    describe('is answered, or hung up on:', () => {
      const strange: [what: string, request: string, statuses: number[]][] = [
        ['no HTTP', 'hello\r\n\r\n', [400]],
        ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', [400]],
        ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
        ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', [400]],
        ['a tunnel', head('CONNECT localhost:22'), []],
        ['an upgrade', head('GET /auth/me', 'Connection: upgrade, close', 'Upgrade: websocket'), [401]],
        [
          'h2c',
          head(
            'GET /auth/me',
            'Connection: Upgrade, HTTP2-Settings, close',
            'Upgrade: h2c',
            'HTTP2-Settings: AAMAAABkAAQ',
          ),
          [401],
        ],
        ['an unknown expectation', head('POST /auth/login', 'Connection: close', 'Expect: a miracle'), [417]],
        ['all the server', head('OPTIONS *', 'Connection: close'), [404]],
        ['a whole URL', head('GET http://evil.example/auth/me', 'Connection: close'), [404]],
        ['a URL of bytes that none has', head('GET /auth/jwks.json?\xc3\xa9', 'Connection: close'), [400]],
        ['another URL', head('GET file:///etc/passwd', 'Connection: close'), [404]],
        ['an unknown method', head('PURGE /auth/me', 'Connection: close'), [405]],
        ['a method of nobody', head('HACK /auth/me', 'Connection: close'), [400]],
        ['a trace', head('TRACE /auth/me', 'Connection: close', 'Cookie: secret'), [405]],
      ]
      for (const [what, request, statuses] of strange)
        it(what, async () => assert.deepEqual(await tell(server().apiUrl, request), statuses))

      for (const path of [
        '/../../../../etc/passwd',
        '/%2e%2e/%2e%2e/etc/passwd',
        '/..%2f..%2fetc%2fpasswd',
        '/..\\..\\etc\\passwd',
        '/.//../../etc/passwd',
        '/config.json/../../../package.json',
        '//etc/passwd',
        '/main.js%00.html',
        '/status/../../auth/users',
        '/status/%2e%2e/auth/me',
        '/__proto__',
        '/constructor',
      ])
        it(`nothing at ${path}`, async () => {
          const headers = { authorization: `Bearer ${server().token}` }
          const response = await send(server().apiUrl, { method: 'GET', target: path, headers })
          assert.equal(response.status, 404)
          assert.equal(((await response.json()) as ProblemBody).code, 'NOT_FOUND')
          const atBuckets = await send(server().bucketUrl, { method: 'GET', target: path, headers: {} })
          assert.ok([403, 404].includes(atBuckets.status), `${atBuckets.status}`)
        })
    })

    describe('cannot send more than is taken:', () => {
      for (const [what, request] of [
        ['a header', head('GET /auth/me', `X: ${'x'.repeat(20_000)}`)],
        [
          'many headers',
          head('GET /auth/me', ...Array.from({ length: 3000 }, (_, place) => `X-${place}: x`)),
        ],
        ['a path', head(`GET /${'x'.repeat(20_000)}`)],
      ] as const)
        it(`${what} (431)`, async () => {
          assert.deepEqual(await tell(server().apiUrl, request), [431])
          assert.deepEqual(await tell(server().bucketUrl, request), [431])
        })

      it('is told what is wrong as by every route', async () => {
        for (const [request, code] of [
          ['hello\r\n\r\n', 'BAD_REQUEST'],
          [head('GET /auth/me', `X: ${'x'.repeat(20_000)}`), 'HEADERS_TOO_LARGE'],
        ] as const)
          for (const url of [server().apiUrl, server().bucketUrl]) {
            const wire = await Wire.open(url)
            wire.send(request)
            const [top = '', body = ''] = (await wire.closed()).split('\r\n\r\n')
            assert.match(top, /^Content-Type: application\/problem\+json/m)
            assert.equal(api.mistakesBy('Problem', JSON.parse(body)), '')
            assert.equal((JSON.parse(body) as ProblemBody).code, code)
          }
      })

      it('JSON in chunks, without a length (413)', async () => {
        const wire = await Wire.open(server().apiUrl)
        const type = 'Content-Type: application/json'
        wire.send(head('POST /levels/confirm', token, type, 'Transfer-Encoding: chunked'))
        const chunk = `1000\r\n${' '.repeat(0x1000)}\r\n`
        for (let sent = 0; sent < 20; sent++) wire.send(chunk)
        await wire.until(/PAYLOAD_TOO_LARGE/)
        assert.deepEqual(wire.statuses(), [413])
        wire.end()
      })

      it('as many mistakes as would make the answer much larger than the question', async () => {
        const many = Array.from({ length: 30_000 }, () => 0)
        const fields = Object.fromEntries(Array.from({ length: 4000 }, (_, place) => [`field${place}`, 0]))
        for (const [path, body] of [
          ['/auth/me/notifications', { webhooks: many }],
          ['/auth/me/notifications', { webhooks: [fields] }],
          ['/levels', { levels: many }],
          ['/levels', fields],
        ] as const) {
          const response = await client.fetch(path, sending('PUT', body))
          assert.equal(response.status, 422)
          const { length } = await response.text()
          assert.ok(length < 5 * JSON.stringify(body).length, `${length} bytes`)
        }
      })

      it('so deep a value that it cannot be read', async () => {
        for (const text of [
          '['.repeat(60_000),
          `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
          `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
        ]) {
          const response = await client.fetch('/auth/me/notifications', {
            method: 'PUT',
            headers: { 'content-type': 'application/json' },
            body: text,
          })
          assert.ok([400, 422].includes(response.status))
          await response.body?.cancel()
        }
      })
    })

    it('is no failure of the server’s where it hangs up in the middle', async () => {
      const type = 'Content-Type: application/json'
      for (const [url, ...request] of [
        [server().apiUrl, head('POST /levels/confirm', token, type, 'Content-Length: 100'), '{"id":'],
        [
          server().apiUrl,
          head('POST /upload', token, 'Content-Type: multipart/form-data; boundary=b', 'Content-Length: 100'),
          '--b\r\n',
        ],
        [server().apiUrl, head('GET /status/events', token)],
        [server().bucketUrl, head('GET /target/x', 'Content-Length: 100'), 'x'],
      ] as const) {
        const wire = await Wire.open(url)
        wire.send(...request)
        // Until it was taken up, for certain.
        await client.json('/auth/me')
        wire.end()
      }
      await client.json('/auth/me')
      assert.deepEqual(errorsIn(server().log()), [])
    })

    it('leaves room for others, with a thousand connections that do nothing', async () => {
      const beginnings = [
        '',
        'GET /auth/me HT',
        head('POST /levels/confirm', token, 'Content-Type: application/json', 'Content-Length: 100'),
        head('POST /upload', token, 'Content-Type: multipart/form-data; boundary=b', 'Content-Length: 100'),
        head('GET /status/events', token),
      ]
      const wires: Wire[] = []
      for (let count = 0; count < 1000; count++) {
        const wire = await Wire.open(count % 2 === 0 ? server().apiUrl : server().bucketUrl)
        wire.send(beginnings[count % beginnings.length] ?? '')
        wires.push(wire)
      }
      const started = performance.now()
      for (let asked = 0; asked < 50; asked++) await client.json('/auth/me')
      const seconds = (performance.now() - started) / 1000
      const { job } = await client.openSession({ filename: 'amid.mp4', size: 5 })
      assert.equal(job.status, 'UPLOADING')
      assert.ok(seconds < 20, `50 requests took ${seconds} s`)
      assert.ok(wires.filter(({ socket }) => !socket.closed).length > 990, 'they are still there')
      for (const wire of wires) wire.end()
    })
  })
}
