import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { sendBody } from './send.ts'

describe('Sending a body', { timeout: 10_000 }, () => {
  let server: Server
  before(async () => {
    server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })

  /** The answer to a request that has just come in, and the request as its client has it. */
  async function asked() {
    // A server that listens on a TCP port has an address of this shape.
    const { port } = server.address() as AddressInfo
    const client = request({ port, host: '127.0.0.1', agent: false }).on('error', () => undefined)
    const incoming = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>
    client.end()
    const [, res] = await incoming
    return { client, res }
  }

  const endless = (): Readable =>
    Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(64 * 1024)
      })(),
    )

  it('ends with the last byte', async () => {
    const { client, res } = await asked()
    const answered = once(client, 'response') as Promise<[IncomingMessage]>
    const sent = sendBody(res, Readable.from([Buffer.from('all '), Buffer.from('of it')]))
    const [response] = await answered
    assert.equal((await response.toArray()).join(''), 'all of it')
    await sent
  })

  it('ends, and closes the body, when the client goes away', async () => {
    const { client, res } = await asked()
    const body = endless()
    client.once('response', () => client.destroy())
    await sendBody(res, body)
    assert.ok(body.destroyed)
  })

  it('ends, and closes the body, where the client has gone already', async () => {
    const { client, res } = await asked()
    client.destroy()
    await once(res, 'close')
    const body = endless()
    await sendBody(res, body)
    assert.ok(body.destroyed)
  })

  it('fails where the body does, and cuts the answer off', async () => {
    const { client, res } = await asked()
    const closed = once(res, 'close')
    const body = endless()
    client.once('response', () => body.destroy(new Error('The disk is broken.')))
    await assert.rejects(sendBody(res, body), /The disk is broken/)
    await closed
    assert.ok(!res.writableFinished)
  })
})
