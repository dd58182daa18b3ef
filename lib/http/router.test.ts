import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import * as z from 'zod'
import { sendLogTo } from '../log.ts'
import { Problem } from '../problems.ts'
import { readJson, readQuery } from './input.ts'
import { router, type Route, type User } from './router.ts'

const people: Record<string, User> = {
  'Bearer admin': { id: '1', email: 'admin@example.com', role: 'admin' },
  'Bearer user': { id: '2', email: 'user@example.com', role: 'user' },
}

async function authenticate(authorization: string | undefined): Promise<User> {
  const user = people[authorization ?? '']
  if (user) return user
  throw new Problem('TOKEN_MISSING', 'A token is needed.', { headers: { 'WWW-Authenticate': 'Bearer' } })
}

const body = z.strictObject({
  name: z.string({ error: 'must be a text' }),
  count: z.int({ error: 'must be a whole number' }).optional(),
})
const busy = Object.assign(new Error('too much contention'), { code: 'BUSY' })
const noRoom = Object.assign(new Error('no space left on device, write /secret/path'), { code: 'ENOSPC' })

const routes: Route[] = [
  { method: 'GET', path: '/', access: 'anyone', handle: async () => ({ status: 200, body: 'root' }) },
  {
    method: 'GET',
    path: '/things/:id',
    access: 'anyone',
    handle: async ({ params }) => ({ status: 200, body: params }),
  },
  { method: 'DELETE', path: '/things/:id', access: 'anyone', handle: async () => ({ status: 204 }) },
  { method: 'GET', path: '/me', access: 'user', handle: async ({ user }) => ({ status: 200, body: user }) },
  { method: 'GET', path: '/all', access: 'admin', handle: async () => ({ status: 200, body: 'everything' }) },
  {
    method: 'POST',
    path: '/json',
    access: 'anyone',
    handle: async ({ req }) => ({
      status: 201,
      body: await readJson(req, body),
      headers: { Location: '/json/1' },
    }),
  },
  {
    method: 'GET',
    path: '/query',
    access: 'anyone',
    handle: async ({ url }) => ({
      status: 200,
      body: readQuery(url, z.object({ limit: z.coerce.number({ error: 'must be a number' }) })),
    }),
  },
  {
    method: 'GET',
    path: '/fault',
    access: 'anyone',
    handle: async () => Promise.reject(new Error('the password is hunter2')),
  },
  { method: 'GET', path: '/busy', access: 'anyone', handle: async () => Promise.reject(busy) },
  { method: 'GET', path: '/full', access: 'anyone', handle: async () => Promise.reject(noRoom) },
  {
    method: 'GET',
    path: '/broken-off',
    access: 'anyone',
    handle: async ({ res }) => {
      res.writeHead(200, { 'Content-Type': 'text/plain' })
      res.write('half')
      throw new Error('midway')
    },
  },
]

describe('An HTTP function', { timeout: 30_000 }, () => {
  const logged: string[] = []
  let server: Server
  let origin: string
  before(async () => {
    sendLogTo((line) => void logged.push(line))
    const handle = router({ name: 'demo', routes, allowedOrigins: ['https://page.example'], authenticate })
    server = createServer((req, res) => void handle(req, res))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // A server that listens on a TCP port has an address of this shape.
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    sendLogTo((line) => void process.stderr.write(line))
    server.close()
    server.closeAllConnections()
  })

  const get = (path: string, init: RequestInit = {}): Promise<Response> => fetch(origin + path, init)
  const postJson = (json: RequestInit['body'], headers: Record<string, string> = {}): Promise<Response> =>
    get('/json', {
      method: 'POST',
      body: json ?? null,
      headers: { 'content-type': 'application/json', ...headers },
    })

  /** The problem that an answer is; fails on anything that a stranger must not see. */
  async function problemOf(response: Response): Promise<Record<string, unknown>> {
    assert.equal(response.headers.get('content-type'), 'application/problem+json; charset=utf-8')
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const json = await response.text()
    assert.doesNotMatch(json, /\.ts\b|node_modules|\\n\s+at |hunter2|secret/)
    const problem = JSON.parse(json) as Record<string, unknown>
    assert.equal(problem['status'], response.status)
    return problem
  }
  async function assertProblem(
    response: Response,
    status: number,
    code: string,
    detail: RegExp,
  ): Promise<void> {
    const problem = await problemOf(response)
    assert.deepEqual([response.status, problem['code']], [status, code])
    assert.match(String(problem['detail']), detail)
  }

  describe('finds the route', () => {
    for (const [path, expected] of [
      ['/', 'root'],
      ['/demo', 'root'],
      ['/demo/', 'root'],
      ['/demo?x=1', 'root'],
      ['/things/a', { id: 'a' }],
      ['/demo/things/a', { id: 'a' }],
      ['/things/a/', { id: 'a' }],
      ['/things/demo', { id: 'demo' }],
      ['/things/%C3%A9%20%2F%3F', { id: 'é /?' }],
    ] as const) {
      it(`of ${path}`, async () => {
        const response = await get(path)
        assert.equal(response.status, 200)
        assert.deepEqual(await response.json(), expected)
      })
    }

    for (const path of [
      '/nothing',
      '/demonstration',
      '/things',
      '/things/a/b',
      '/demo/demo/things/a',
      '//things/a',
    ]) {
      it(`or answers 404: ${path}`, async () => {
        await assertProblem(await get(path), 404, 'NOT_FOUND', /^There is nothing at \/.*\.$/)
      })
    }

    it('or answers 405 and says in Allow what is possible', async () => {
      const response = await get('/things/a', { method: 'PUT' })
      assert.equal(response.headers.get('allow'), 'GET, DELETE')
      await assertProblem(response, 405, 'METHOD_NOT_ALLOWED', /PUT is not possible here; use GET, DELETE/)
    })

    for (const path of ['/things/%ZZ', '/things/%', '/things/%C3', '/things/%FF']) {
      it(`or answers 400 to what is no UTF-8: ${path}`, async () => {
        await assertProblem(await get(path), 400, 'BAD_REQUEST', /percent-encoded/)
      })
    }

    it('or answers 400 to what is no URL at all', async () => {
      const answer = await raw('GET http://[ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      assert.match(answer, /^HTTP\/1\.1 400 .*BAD_REQUEST/s)
    })
  })

  describe('knows who calls', () => {
    it('where a route needs a user: 401 without a token, with the scheme that would do', async () => {
      const response = await get('/me')
      assert.equal(response.headers.get('www-authenticate'), 'Bearer')
      await assertProblem(response, 401, 'TOKEN_MISSING', /token/)
    })
    it('and hands the user to the route', async () => {
      const response = await get('/me', { headers: { authorization: 'Bearer user' } })
      assert.deepEqual(await response.json(), people['Bearer user'])
    })
    it('where a route needs an administrator: 403 for others', async () => {
      const response = await get('/all', { headers: { authorization: 'Bearer user' } })
      await assertProblem(response, 403, 'FORBIDDEN', /administrator/)
      const allowed = await get('/all', { headers: { authorization: 'Bearer admin' } })
      assert.equal(await allowed.json(), 'everything')
    })
    it('401 comes before 403', async () => {
      assert.equal((await get('/all')).status, 401)
    })
  })

  describe('answers', () => {
    it('JSON that nobody keeps or sniffs', async () => {
      const { headers } = await get('/')
      assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
      assert.equal(headers.get('x-content-type-options'), 'nosniff')
      assert.equal(headers.get('cache-control'), 'no-store')
    })
    it('with the headers of the route', async () => {
      const response = await postJson('{"name":"a"}')
      assert.equal(response.status, 201)
      assert.equal(response.headers.get('location'), '/json/1')
    })
    it('nothing, where there is nothing to say', async () => {
      const response = await get('/things/a', { method: 'DELETE' })
      assert.equal(response.status, 204)
      assert.equal(response.headers.get('content-type'), null)
    })
    it('HEAD like GET, without the body', async () => {
      const response = await get('/things/a', { method: 'HEAD' })
      assert.equal(response.status, 200)
      assert.equal(await response.text(), '')
      assert.equal((await get('/json', { method: 'HEAD' })).status, 405)
    })
    it('INTERNAL to a fault, and keeps to the log what it was', async () => {
      logged.length = 0
      await assertProblem(await get('/fault'), 500, 'INTERNAL', /Something went wrong on the server/)
      assert.match(logged.join(''), /the password is hunter2/)
      assert.match(logged.join(''), /"function":"demo"/)
    })
    it('UNAVAILABLE when a store is busy, and when to ask again', async () => {
      const response = await get('/busy')
      assert.equal(response.headers.get('retry-after'), '1')
      await assertProblem(response, 503, 'UNAVAILABLE', /Try again/)
    })
    it('INSUFFICIENT_STORAGE when the disk is full', async () => {
      await assertProblem(await get('/full'), 507, 'INSUFFICIENT_STORAGE', /no room left/)
    })
    it('no end to what broke off midway: a client must not take half for the whole', async () => {
      const response = await get('/broken-off')
      await assert.rejects(response.text())
    })
  })

  describe('reads JSON', () => {
    it('and checks it', async () => {
      const response = await postJson('{"name":"Grüße 🎬","count":3}', {
        'content-type': 'Application/JSON; charset=utf-8',
      })
      assert.deepEqual(await response.json(), { name: 'Grüße 🎬', count: 3 })
    })

    for (const [what, json] of [
      ['nothing', ''],
      ['half', '{"name":'],
      ['two values', '{} {}'],
      ['what is no UTF-8', Buffer.from('7b226e616d65223a22ff227d', 'hex')],
    ] as const) {
      it(`400 to ${what}`, async () => {
        await assertProblem(await postJson(json), 400, 'BAD_JSON', /^The body is not valid JSON: /)
      })
    }

    it('422 with one entry for each wrong value', async () => {
      const response = await postJson('{"name":1,"count":1.5,"colour":"red"}')
      assert.equal(response.status, 422)
      const { code, errors } = await problemOf(response)
      assert.equal(code, 'UNPROCESSABLE')
      const fields = (errors as { field: string }[]).map(({ field }) => field)
      assert.deepEqual(fields.toSorted(), ['colour', 'count', 'name'])
    })

    it('422 to a value that is no object', async () => {
      await assertProblem(await postJson('[1]'), 422, 'UNPROCESSABLE', /^body: /)
    })

    it('422 to a query that is wrong', async () => {
      await assertProblem(await get('/query?limit=many'), 422, 'UNPROCESSABLE', /limit: must be a number/)
    })

    for (const [type, headers] of [
      ['a form', { 'content-type': 'application/x-www-form-urlencoded' }],
      ['what only looks like JSON', { 'content-type': 'application/jsonp' }],
      ['packed JSON', { 'content-encoding': 'gzip' }],
    ] as const) {
      it(`415 to ${type}`, async () => {
        await assertProblem(
          await postJson('{"name":"a"}', headers),
          415,
          'UNSUPPORTED_MEDIA_TYPE',
          /application\/json/,
        )
      })
    }

    it('415 to a body without a type', async () => {
      const answer = await raw(
        'POST /json HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
      )
      assert.match(answer, /^HTTP\/1\.1 415 .*no content type came/s)
    })

    it('up to 64 KiB, and not a byte more', async () => {
      const exactly = JSON.stringify({ name: 'a'.repeat(64 * 1024 - '{"name":""}'.length) })
      assert.equal((await postJson(exactly)).status, 201)
      await assertProblem(await postJson(`${exactly} `), 413, 'PAYLOAD_TOO_LARGE', /65536 bytes at most/)
    })

    it('and its refusal reaches a client that sends megabytes before it listens', async () => {
      const megabytes = Buffer.alloc(16 * 1024 * 1024, ' ')
      const headers = `Host: x\r\nContent-Type: application/json\r\nContent-Length: ${megabytes.length}\r\nConnection: close`
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
      await once(socket, 'connect')
      socket.pause()
      socket.write(`POST /json HTTP/1.1\r\n${headers}\r\n\r\n`)
      await new Promise((resolve) => socket.write(megabytes, resolve))
      const answer = await text(socket)
      assert.match(answer, /^HTTP\/1\.1 413 .*PAYLOAD_TOO_LARGE/s)
    })

    it('and goes on on the same connection after a refusal', async () => {
      const refused = 'x'.repeat(100_000)
      const first = `POST /json HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${refused.length}\r\n\r\n${refused}`
      const answer = await raw(`${first}GET /things/next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
      assert.match(answer, /^HTTP\/1\.1 413 .*HTTP\/1\.1 200 .*\{"id":"next"\}$/s)
    })
  })

  describe('lets pages of other origins call', () => {
    const preflight = (from: string): Promise<Response> =>
      get('/things/a', {
        method: 'OPTIONS',
        headers: { origin: from, 'access-control-request-method': 'DELETE' },
      })

    it('those that are allowed: after a preflight that needs no token', async () => {
      const { status, headers } = await preflight('https://page.example')
      assert.equal(status, 204)
      assert.equal(headers.get('access-control-allow-origin'), 'https://page.example')
      assert.match(headers.get('access-control-allow-methods') ?? '', /\bDELETE\b/)
      assert.match(headers.get('access-control-allow-headers') ?? '', /\bAuthorization\b.*\bLast-Event-ID\b/)
    })
    it('and lets them read answers, refusals too', async () => {
      for (const path of ['/', '/me', '/nothing', '/fault']) {
        const { headers } = await get(path, { headers: { origin: 'https://page.example' } })
        assert.equal(headers.get('access-control-allow-origin'), 'https://page.example', path)
        assert.match(headers.get('access-control-expose-headers') ?? '', /\bRetry-After\b/)
        assert.equal(headers.get('vary'), 'Origin')
      }
    })
    for (const other of [
      'https://evil.example',
      'http://page.example',
      'https://page.example.evil.example',
      'null',
    ]) {
      it(`and no others: ${other}`, async () => {
        assert.equal((await preflight(other)).headers.get('access-control-allow-origin'), null)
        const { headers } = await get('/', { headers: { origin: other } })
        assert.equal(headers.get('access-control-allow-origin'), null)
        assert.equal(headers.get('vary'), 'Origin')
      })
    }
  })

  /** What the server answers to these very bytes, until it closes the connection. */
  async function raw(request: string): Promise<string> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(request)
    return text(socket)
  }
})
