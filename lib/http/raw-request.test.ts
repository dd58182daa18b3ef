import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { bodyHeaders, keepRequestsRaw, rawUrl, restoreBodyHeaders } from './raw-request.ts'

describe('A raw request', () => {
  let server: Server
  let origin: string
  let inspect: (req: IncomingMessage) => unknown
  before(async () => {
    keepRequestsRaw()
    keepRequestsRaw()
    server = createServer((req, res) => void res.end(JSON.stringify(inspect(req))))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // A server that listens on a TCP port has an address of this shape.
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })

  const post = async (path: string, look: (req: IncomingMessage) => unknown): Promise<unknown> => {
    inspect = look
    const headers = { 'content-type': 'text/plain', 'x-other': 'stays' }
    return (await fetch(origin + path, { method: 'POST', body: 'abc', headers })).json()
  }

  it('shows no sign of a body to whoever would read it first', async () => {
    const headers = await post('/', (req) => req.headers)
    for (const name of ['content-type', 'content-length', 'transfer-encoding', 'content-encoding']) {
      assert.ok(!Object.hasOwn(headers as object, name), name)
    }
    assert.equal((headers as Record<string, string>)['x-other'], 'stays')
  })

  it('still has what was sent, for the function', async () => {
    assert.deepEqual(await post('/', bodyHeaders), { 'content-type': 'text/plain', 'content-length': '3' })
  })

  it('can be given its headers back', async () => {
    const headers = await post('/', (req) => {
      restoreBodyHeaders(req)
      return req.headers
    })
    assert.equal((headers as Record<string, string>)['content-type'], 'text/plain')
    assert.equal((headers as Record<string, string>)['content-length'], '3')
  })

  it('keeps its path, and hides one that cannot be decoded', async () => {
    const both = (req: IncomingMessage): unknown => [req.url, rawUrl(req)]
    assert.deepEqual(await post('/a%20b?c=%C3%A9', both), ['/a%20b?c=%C3%A9', '/a%20b?c=%C3%A9'])
    assert.deepEqual(await post('/a%ZZ', both), ['/', '/a%ZZ'])
  })
})
