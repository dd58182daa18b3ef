import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import {
  beginRequest,
  boundary,
  field,
  file,
  form,
  sha256,
  startFormServer,
  turns,
  type FormServer,
  type Outcome,
} from './form.testing.ts'
import { readUploadForm } from './form.ts'

describe('An upload form', { timeout: 30_000 }, () => {
  let server: FormServer
  before(async () => {
    server = await startFormServer()
  })
  after(() => server.stop())

  describe('that is right', () => {
    it('gives its fields, then the file’s name, type and bytes', async () => {
      const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256))
      const answer = await server.send(
        form(field('bitrate', '192'), field('other', 'ä'), file('holiday.mp4', bytes)),
      )
      assert.deepEqual(answer, {
        status: 200,
        fields: { bitrate: '192', other: 'ä' },
        filename: 'holiday.mp4',
        contentType: 'video/mp4',
        size: 1000,
        sha256: sha256(bytes),
      })
    })

    it('may have a file only', async () => {
      const answer = await server.send(form(file('a.mp4', 'abc')))
      assert.deepEqual([answer.fields, answer.size], [{}, 3])
    })

    it('may come as FormData does', async () => {
      const data = new FormData()
      data.append('quality', '2')
      data.append('file', new Blob(['abc'], { type: 'video/x-msvideo' }), 'a.avi')
      const { fields, filename, contentType, size } = await server.send(data)
      assert.deepEqual(
        [fields, filename, contentType, size],
        [{ quality: '2' }, 'a.avi', 'video/x-msvideo', 3],
      )
    })

    it('may hold an empty file: whether that will do is not for the form to say', async () => {
      assert.equal((await server.send(form(file('a.mp4', '')))).size, 0)
    })

    it('may hold bytes that look like a boundary, lines and dashes', async () => {
      const bytes = `a--${boundary}--\r\n\r\n--\r\n--${boundary.slice(0, -1)}\r\n\n--${boundary}\r\n\r\n-`
      assert.equal((await server.send(form(file('a.mp4', bytes)))).sha256, sha256(bytes))
    })

    it('may be large, and come in pieces of any size', async () => {
      const bytes = Buffer.alloc(8 * 1024 * 1024 + 1)
      for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31) % 251
      const answer = await server.send(form(field('bitrate', '64'), file('large.mp4', bytes)))
      assert.deepEqual([answer.size, answer.sha256], [bytes.length, sha256(bytes)])
    })

    it('may come byte by byte', async () => {
      const body = form(field('bitrate', '64'), file('a.mp4', 'abc\r\n-'))
      const { socket, reading } = await server.begin(body.length)
      for (const byte of body) {
        socket.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
      const answer = await reading.outcome.promise
      socket.destroy()
      assert.deepEqual([answer.size, answer.sha256], [6, sha256('abc\r\n-')])
    })

    it('may have no length beforehand', async () => {
      const body = form(file('a.mp4', 'abc'))
      const stream = new ReadableStream({
        start(controller) {
          controller.enqueue(body.subarray(0, 10))
          controller.enqueue(body.subarray(10))
          controller.close()
        },
      })
      const headers = { 'content-type': `multipart/form-data; boundary="${boundary}"` }
      const init = { method: 'POST', body: stream, headers, duplex: 'half' } as const
      const response = await fetch(server.url, init)
      assert.equal(((await response.json()) as Outcome).size, 3)
    })
  })

  it('waits for whoever reads it: a slow store does not fill the memory', async (t) => {
    const { promise: release, resolve } = Promise.withResolvers<void>()
    const slow = createServer((req, res) => {
      const read = async (): Promise<void> => {
        const { file: bytes } = await readUploadForm(req)
        await release
        let size = 0
        for await (const chunk of bytes) size += chunk.length
        res.end(JSON.stringify({ size }))
      }
      void read()
    })
    t.after(() => {
      slow.close()
      slow.closeAllConnections()
    })
    slow.listen(0, '127.0.0.1')
    await once(slow, 'listening')
    const body = form(file('a.mp4', Buffer.alloc(64 * 1024 * 1024)))
    // A server that listens on a TCP port has an address of this shape.
    const socket = await beginRequest((slow.address() as AddressInfo).port, body.length)
    let sent = 0
    let isFull = false
    while (sent < body.length && !isFull) {
      const chunk = body.subarray(sent, sent + 64 * 1024)
      sent += chunk.length
      if (!socket.write(chunk)) {
        // Whoever reads would have let it drain long before a thousand turns of the loop.
        const drained = once(socket, 'drain').then(() => true)
        isFull = !(await Promise.race([drained, turns(1000).then(() => false)]))
      }
    }
    assert.ok(isFull, 'it was all taken in')
    resolve()
    socket.end(body.subarray(sent))
    const [answer] = (await once(socket, 'data')) as [Buffer]
    assert.match(answer.toString(), new RegExp(`"size":${64 * 1024 * 1024}\\}`))
    socket.destroy()
  })
})
