import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { drainable } from './drain.ts'

describe('A server that is closed', { timeout: 10_000 }, () => {
  let server: Server
  const never = new AbortController().signal
  afterEach(() => server.closeAllConnections())

  async function start(listener: RequestListener): Promise<(cut: AbortSignal) => Promise<void>> {
    server = createServer(listener)
    const close = drainable(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return close
  }

  /** A connection, on which this is sent. */
  async function open(sent: string): Promise<Socket> {
    const taken = once(server, 'connection')
    // A server that listens on a TCP port has an address of this shape.
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    await taken
    socket.write(sent)
    return socket
  }

  const get = 'GET / HTTP/1.1\r\nHost: here\r\n\r\n'

  it('lets go at once of a connection on which nothing was asked', async () => {
    const close = await start(() => undefined)
    const socket = await open('')
    await Promise.all([close(never), once(socket, 'close')])
  })

  it('and of one that has its answer', async () => {
    const close = await start((_, res) => res.end('done'))
    const socket = await open(get)
    await once(socket, 'data')
    await Promise.all([close(never), once(socket.resume(), 'close')])
  })

  it('answers what was asked before, and lets go then', async () => {
    const asked = Promise.withResolvers<Parameters<RequestListener>[1]>()
    const close = await start((_, res) => asked.resolve(res))
    const answer = text(await open(get))
    const res = await asked.promise
    const closed = close(never)
    res.end('done')
    assert.match(await answer, /done/)
    await closed
  })

  it('answers all that was asked before on one connection', async () => {
    const asked: Parameters<RequestListener>[1][] = []
    const both = Promise.withResolvers<void>()
    const close = await start((_, res) => {
      if (asked.push(res) === 2) both.resolve()
    })
    const answers = text(await open(get + get))
    await both.promise
    const closed = close(never)
    asked[0]?.end('first')
    await delay(50)
    asked[1]?.end('second')
    assert.match(await answers, /first[^]*second/)
    await closed
  })

  it('cuts off what takes longer than it may', async () => {
    const asked = Promise.withResolvers<void>()
    const close = await start(() => asked.resolve())
    const socket = await open(get)
    await asked.promise
    const cut = new AbortController()
    const closed = close(cut.signal)
    cut.abort()
    await Promise.all([closed, once(socket, 'close')])
  })
})
