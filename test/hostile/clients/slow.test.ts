import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { after, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { limitPatience, patience, type Patience } from '../../../platform/local/patience.ts'
import { startBuckets, type Buckets } from '../../../platform/local/testing/buckets.ts'
import { Client } from '../../client.ts'
import { notLocal, startServer, type TestServer } from '../../server.ts'
import { onlyLong } from '../effort.ts'
import { keepFigures } from '../figures.ts'
import { head, Wire } from './testing/wire.ts'

/** Of servers that have not much time. */
const short: Patience = { idleMs: 400, wholeMs: 800 }
const patienceModule = import.meta.resolve('../../../platform/local/patience.ts')

/** Sends a byte now and then until it is cut off. */
async function trickles(wire: Wire): Promise<void> {
  while (!wire.socket.closed) {
    wire.send(' ')
    await delay(20)
  }
}

/** Whether the other end of a connection is still there: what has not been read hides its end from this one. */
async function isServed({ socket }: Wire): Promise<boolean> {
  const port = (socket.localPort ?? 0).toString(16).toUpperCase().padStart(4, '0')
  const established = '01'
  const connections = await readFile('/proc/net/tcp', 'latin1')
  return new RegExp(`: \\w+:\\w+ \\w+:${port} ${established} `).test(connections)
}

const form = ['Content-Type: multipart/form-data; boundary=b', 'Content-Length: 1000000']

describe('A slow client', { timeout: 30_000 }, () => {
  let server: Server
  let url: string
  let given: Patience
  before(async () => {
    server = createServer((req, res) => {
      const isUpload = req.method === 'PUT'
      limitPatience(req, res, isUpload, given)
      if (req.url === '/answered') res.end('done')
      else if (req.url === '/late') {
        let times = 0
        res.on('timeout', () => ++times === 3 && req.resume().on('end', () => res.end('late')))
      } else if (req.url === '/endless') {
        res.write(Buffer.alloc(64 * 1024 * 1024))
      } else req.resume().on('end', () => res.end('whole'))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  /** Sends a byte now and then for as long as it may, and returns how many could be sent. */
  async function trickle(wire: Wire, most: number): Promise<number> {
    for (let sent = 0; sent < most; sent++) {
      if (wire.socket.closed) return sent
      wire.send('x')
      await delay(20)
    }
    return most
  }

  it('is cut off where it sends nothing', async () => {
    given = { idleMs: 100, wholeMs: 60_000 }
    for (const method of ['POST', 'PUT']) {
      const wire = await Wire.open(url)
      wire.send(head(`${method} /`, 'Content-Length: 10'), 'x')
      assert.equal(await wire.closed(), '')
    }
  })

  it('is cut off where it reads nothing', async () => {
    given = { idleMs: 100, wholeMs: 60_000 }
    const wire = await Wire.open(url)
    wire.socket.pause()
    wire.send(head('GET /endless'))
    await once(server, 'request')
    const connections = async (): Promise<number> =>
      new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
    while ((await connections()) > 0) await delay(10)
    wire.end()
  })

  it('has to send a request within a while, however busy it seems', async () => {
    given = { idleMs: 60_000, wholeMs: 200 }
    const wire = await Wire.open(url)
    wire.send(head('POST /', 'Content-Length: 1000'))
    assert.ok((await trickle(wire, 500)) < 500)
    assert.equal(wire.received, '')
  })

  it('may take as long as it likes for an upload, while it sends something', async () => {
    given = { idleMs: 60_000, wholeMs: 50 }
    const wire = await Wire.open(url)
    wire.send(head('PUT /', 'Content-Length: 20'))
    assert.equal(await trickle(wire, 20), 20)
    await wire.until(/whole/)
    wire.end()
  })

  it('may not go on with an upload that was answered', async () => {
    given = { idleMs: 60_000, wholeMs: 200 }
    const wire = await Wire.open(url)
    wire.send(head('PUT /answered', 'Content-Length: 1000'))
    await wire.until(/done/)
    assert.ok((await trickle(wire, 500)) < 500)
  })

  it('may wait for long where it has sent everything', async () => {
    given = { idleMs: 20, wholeMs: 20 }
    const wire = await Wire.open(url)
    wire.send(head('POST /late', 'Content-Length: 1'), 'x')
    await wire.until(/late/)
    wire.end()
  })

  it('may wait for long where the server does not read what it has sent', async () => {
    given = { idleMs: 100, wholeMs: 60_000 }
    const wire = await Wire.open(url)
    const body = 'x'.repeat(1024 * 1024)
    wire.send(head('PUT /late', `Content-Length: ${body.length}`), body)
    await wire.until(/late/)
    wire.end()
  })
})

describe('A slow client of the buckets', { timeout: 30_000 }, () => {
  const { ...usual } = patience
  let buckets: Buckets
  before(async () => {
    Object.assign(patience, short)
    buckets = await startBuckets()
  })
  after(async () => {
    Object.assign(patience, usual)
    await buckets.close()
  })

  it('is cut off where it uploads nothing more, and keeps what it has sent', async () => {
    const object = { bucket: 'b', name: 'an upload' }
    const size = 256 * 1024 + 1000
    const url = await buckets.objects.createUploadSession(object, { contentType: 'video/mp4', size })
    const { pathname, search } = new URL(url)
    const wire = await Wire.open(url)
    wire.send(head(`PUT ${pathname}${search}`, `Content-Length: ${size}`), 'x'.repeat(size - 1))
    assert.equal(await wire.closed(), '')
    const asked = await fetch(url, { method: 'PUT', headers: { 'content-range': `bytes */${size}` } })
    assert.equal(asked.headers.get('range'), 'bytes=0-262143')
  })

  it('is cut off where the rest of what was refused trickles in', async () => {
    const wire = await Wire.open(buckets.url)
    wire.send(head('POST /b/an%20object', 'Content-Length: 100000'))
    await wire.until(/ 405 /)
    await trickles(wire)
  })

  it('is cut off where it stops to read a download', async () => {
    const object = { bucket: 'b', name: 'a song' }
    await buckets.objects.write(object, Readable.from([Buffer.alloc(32 * 1024 * 1024)]), {
      contentType: 'audio/mpeg',
    })
    const { url } = await buckets.objects.signedUrl(object, { expiresInSeconds: 3600, filename: 'a.mp3' })
    const { pathname, search } = new URL(url)
    const wire = await Wire.open(url)
    wire.socket.pause()
    wire.send(head(`GET ${pathname}${search}`))
    await once(buckets.server, 'request')
    const connections = async (): Promise<number> =>
      new Promise((resolve) => buckets.server.getConnections((_, count) => resolve(count)))
    while ((await connections()) > 0) await delay(10)
    wire.end()
  })
})

describe('A slow client of a server of little patience', { skip: notLocal, timeout: 60_000 }, () => {
  let server: TestServer
  let client: Client
  before(async () => {
    const script = `Object.assign((await import(${JSON.stringify(patienceModule)})).patience, ${JSON.stringify(short)})`
    server = await startServer({
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(script)}` },
    })
    client = new Client(server)
  })
  after(() => server?.stop())

  const token = (): string => `Authorization: Bearer ${server.token}`

  it('is cut off where it begins a form and stops', async () => {
    const wire = await Wire.open(server.apiUrl)
    wire.send(head('POST /upload', token(), ...form), '--b\r\n')
    assert.equal(await wire.closed(), '')
  })

  it('is cut off where its JSON trickles in', async () => {
    const wire = await Wire.open(server.apiUrl)
    const lines = [token(), 'Content-Type: application/json', 'Content-Length: 100000']
    wire.send(head('POST /levels/confirm', ...lines))
    await trickles(wire)
    assert.equal(wire.received, '')
  })

  const linuxOnly = process.platform !== 'linux' && 'only Linux shows the connections of others'
  it('is cut off where it stops to read', { skip: linuxOnly }, async () => {
    const wire = await Wire.open(server.apiUrl)
    assert.ok(await isServed(wire))
    wire.socket.pause()
    // More in all than the kernel keeps on the way.
    wire.send(...Array.from({ length: 400 }, () => head('GET /main.js')))
    while (await isServed(wire)) await delay(10)
    wire.end()
  })

  it('may follow what happens for as long as it likes, while nothing does', async () => {
    const wire = await Wire.open(server.apiUrl)
    wire.send(head('GET /status/events', token()))
    await wire.until(/200 OK/)
    await delay(3 * short.idleMs)
    const { job } = await client.openSession({ filename: 'late.mp4', size: 5 })
    await wire.until(new RegExp(job.id))
    wire.end()
  })
})

describe('A slow client of the real server', { skip: onlyLong, timeout: 400_000, concurrency: true }, () => {
  let server: TestServer
  let client: Client
  before(async () => {
    server = await startServer()
    client = new Client(server)
  })
  const facts: string[] = []
  after(async () => {
    await server?.stop()
    if (facts.length > 0) await keepFigures('hostile clients', 'slow clients', facts)
  })

  const token = (): string => `Authorization: Bearer ${server.token}`
  const json = 'Content-Type: application/json'

  /** How many seconds pass until this connection is closed, while a byte is sent now and then if `drip` says which. */
  async function secondsOf(url: string, begin: string, drip?: string): Promise<number> {
    const wire = await Wire.open(url)
    const started = performance.now()
    wire.send(begin)
    const timer = setInterval(() => drip !== undefined && wire.send(drip), 5000)
    await wire.closed()
    clearInterval(timer)
    return (performance.now() - started) / 1000
  }

  for (const [what, begin, drip] of [
    ['says nothing', () => '', undefined],
    ['never ends its head', () => 'GET / HTTP/1.1\r\n', 'X: y\r\n'],
    ['never ends its JSON', () => head('POST /levels/confirm', token(), json, 'Content-Length: 1000'), ' '],
    ['never ends what nobody asked for', () => head('POST /auth/login', 'Content-Length: 100000'), ' '],
    ['begins a form and stops', () => head('POST /upload', token(), ...form), undefined],
  ] as const)
    it(`is cut off within two and a half minutes where it ${what}`, async () => {
      const seconds = await secondsOf(server.apiUrl, begin(), drip)
      assert.ok(seconds < 150, `${seconds} s`)
      facts.push(`One that ${what} was cut off after ${Math.round(seconds)} s.`)
      await client.json('/auth/me')
    })

  it('may upload a form for longer than that, while it sends something', async () => {
    const wire = await Wire.open(server.apiUrl)
    const boundary = '\r\n--b--\r\n'
    const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="slow.mp4"\r\n\r\n'
    const pieces = Array.from({ length: 20 }, () => 'x'.repeat(100))
    const length = part.length + pieces.join('').length + boundary.length
    wire.send(head('POST /upload', token(), form[0] ?? '', `Content-Length: ${length}`), part)
    for (const piece of pieces) {
      await delay(10_000)
      wire.send(piece)
    }
    wire.send(boundary)
    await wire.until(/202 Accepted/)
    wire.end()
  })
})
