import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { after, before, beforeEach, describe, it } from 'node:test'
import { asProblem, sendProblem } from '../../lib/http/answer.ts'
import { readUploadForm } from './form.ts'

/** What a handler made of a form: as an answer, or as what it threw. */
interface Outcome {
  status: number
  code?: string
  detail?: string
  fields?: Record<string, string>
  filename?: string
  contentType?: string
  size?: number
  sha256?: string
}

const boundary = 'XXboundaryXX'
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex')

describe('An upload form', { timeout: 30_000 }, () => {
  let server: Server
  let port: number
  let outcome = Promise.withResolvers<Outcome>()
  /** How many bytes of the file have been read so far. */
  let bytesRead = 0
  let firstBytes = Promise.withResolvers<void>()
  before(async () => {
    server = createServer((req, res) => void handle(req, res))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    // A server that listens on a TCP port has an address of this shape.
    ;({ port } = server.address() as AddressInfo)
  })
  beforeEach(() => {
    outcome = Promise.withResolvers()
    firstBytes = Promise.withResolvers()
    bytesRead = 0
  })
  after(() => {
    server.close()
    server.closeAllConnections()
  })

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      const { fields, filename, contentType, file } = await readUploadForm(req)
      const hash = createHash('sha256')
      for await (const chunk of file) {
        hash.update(chunk)
        bytesRead += chunk.length
        firstBytes.resolve()
      }
      const answer = {
        status: 200,
        fields,
        filename,
        contentType,
        size: bytesRead,
        sha256: hash.digest('hex'),
      }
      outcome.resolve(answer)
      res.end(JSON.stringify(answer))
    } catch (error) {
      const problem = asProblem(error, {})
      outcome.resolve({ status: problem.status, code: problem.code, detail: problem.message })
      sendProblem(req, res, problem)
    }
  }

  const send = async (
    body: RequestInit['body'],
    type: string | undefined = `multipart/form-data; boundary=${boundary}`,
  ): Promise<Outcome> => {
    const headers = type === undefined || body instanceof FormData ? {} : { 'content-type': type }
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: body ?? null, headers })
    const answer = (await response.json()) as Outcome
    assert.equal(answer.status, response.status)
    return answer
  }

  /** A part of a form, by its headers and its content, as it goes over the wire. */
  type Part = [headers: string, content: string | Buffer]
  const field = (name: string, value: string): Part => [
    `Content-Disposition: form-data; name="${name}"`,
    value,
  ]
  const file = (filename: string, content: string | Buffer, name = 'file'): Part => [
    `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: video/mp4`,
    content,
  ]
  const form = (...parts: Part[]): Buffer<ArrayBuffer> =>
    Buffer.concat([
      ...parts.flatMap(([headers, content]) => [
        Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`),
        Buffer.from(content),
        Buffer.from('\r\n'),
      ]),
      Buffer.from(`--${boundary}--\r\n`),
    ])

  async function assertRefused(
    answer: Outcome | Promise<Outcome>,
    status: number,
    code: string,
    detail: RegExp,
  ): Promise<void> {
    const refused = await answer
    assert.deepEqual([refused.status, refused.code], [status, code], refused.detail)
    assert.match(refused.detail ?? '', detail)
  }

  describe('that is right', () => {
    it('gives its fields, then the file’s name, type and bytes', async () => {
      const bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 256))
      const answer = await send(
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
      const answer = await send(form(file('a.mp4', 'abc')))
      assert.deepEqual([answer.fields, answer.size], [{}, 3])
    })

    it('may come as FormData does', async () => {
      const data = new FormData()
      data.append('quality', '2')
      data.append('file', new Blob(['abc'], { type: 'video/x-msvideo' }), 'a.avi')
      const { fields, filename, contentType, size } = await send(data)
      assert.deepEqual(
        [fields, filename, contentType, size],
        [{ quality: '2' }, 'a.avi', 'video/x-msvideo', 3],
      )
    })

    it('may hold an empty file: whether that will do is not for the form to say', async () => {
      assert.equal((await send(form(file('a.mp4', '')))).size, 0)
    })

    it('may hold bytes that look like a boundary, lines and dashes', async () => {
      const bytes = `a--${boundary}--\r\n\r\n--\r\n--${boundary.slice(0, -1)}\r\n\n--${boundary}\r\n\r\n-`
      assert.equal((await send(form(file('a.mp4', bytes)))).sha256, sha256(bytes))
    })

    it('may be large, and come in pieces of any size', async () => {
      const bytes = Buffer.alloc(8 * 1024 * 1024 + 1)
      for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31) % 251
      const answer = await send(form(field('bitrate', '64'), file('large.mp4', bytes)))
      assert.deepEqual([answer.size, answer.sha256], [bytes.length, sha256(bytes)])
    })

    it('may come byte by byte', async () => {
      const body = form(field('bitrate', '64'), file('a.mp4', 'abc\r\n-'))
      const socket = await begin(body.length)
      for (const byte of body) {
        socket.write(Buffer.of(byte))
        await new Promise(setImmediate)
      }
      const answer = await outcome.promise
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
      const response = await fetch(`http://127.0.0.1:${port}/`, init)
      assert.equal(((await response.json()) as Outcome).size, 3)
    })
  })

  describe('names its file', () => {
    const long = `${'n'.repeat(296)}.mp4`
    const names: [what: string, onTheWire: string, expected: string][] = [
      ['plainly', 'holiday.mp4', 'holiday.mp4'],
      ['with quotes, as browsers and new curls send them', 'say %22cheese%22.mp4', 'say "cheese".mp4'],
      ['with quotes, as old curls send them', 'say \\"cheese\\".mp4', 'say "cheese".mp4'],
      ['with a line break, as browsers send it', 'a%0D%0Ab.mp4', 'a\r\nb.mp4'],
      ['with a percent sign that escapes nothing', '100%.mp4', '100%.mp4'],
      ['with what would be an escape elsewhere', '%41%2F.mp4', '%41%2F.mp4'],
      ['in UTF-8', 'Grüße 世界.mp4', 'Grüße 世界.mp4'],
      ['with an emoji', 'ferie 🎬.mp4', 'ferie 🎬.mp4'],
      ['from right to left', 'חופשה.mp4', 'חופשה.mp4'],
      ['with a semicolon and an equals sign', 'a; filename=b.mp4', 'a; filename=b.mp4'],
      ['at length', long, long],
      ['with a path of this machine', '../../etc/passwd', 'passwd'],
      ['with a path of another', 'C:\\fakepath\\a.mp4', 'a.mp4'],
    ]
    for (const [what, onTheWire, expected] of names) {
      it(what, async () => {
        const { filename } = await send(form(file(onTheWire, 'abc')))
        assert.equal(filename?.split(/[\\/]/).at(-1), expected)
      })
    }

    for (const name of ['say "cheese".mp4', 'a\r\nb.mp4', 'Grüße 🎬.mp4', 'a%22b.mp4', 'חופשה.mp4']) {
      it(`as FormData encodes ${JSON.stringify(name)}`, async () => {
        const data = new FormData()
        data.append('file', new Blob(['abc']), name)
        const { filename } = await send(data)
        // HTML escapes a quote as %22 and a percent sign not at all: which one it was cannot be told.
        assert.equal(filename, name.replaceAll('%22', '"'))
      })
    }
  })

  describe('that is wrong', () => {
    it('is no form', async () => {
      await assertRefused(
        send('{}', 'application/json'),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        /application\/json came/,
      )
      await assertRefused(
        send('abc', 'multipart/mixed; boundary=x'),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        /multipart\/mixed/,
      )
    })

    it('has no boundary', async () => {
      await assertRefused(
        send(form(file('a', 'b')), 'multipart/form-data'),
        400,
        'BAD_MULTIPART',
        /[Bb]oundary/,
      )
    })

    it('has another boundary than it says', async () => {
      const type = 'multipart/form-data; boundary=another'
      const answer = await send(form(file('a.mp4', 'abc')), type)
      assert.equal(answer.status, 400)
      assert.match(answer.code ?? '', /^(BAD_MULTIPART|NO_FILE)$/)
    })

    it('has no file', async () => {
      await assertRefused(send(form(field('bitrate', '192'))), 400, 'NO_FILE', /send it as the field "file"/)
    })

    it('is empty', async () => {
      const answer = await send('')
      assert.equal(answer.status, 400)
      assert.match(answer.code ?? '', /^(BAD_MULTIPART|NO_FILE)$/)
    })

    it('has a file input that was left empty', async () => {
      await assertRefused(send(form(file('', ''))), 400, 'NO_FILE', /has no file/)
    })

    it('has the file under another name', async () => {
      const wrong = send(form(file('a.mp4', 'abc', 'video')))
      await assertRefused(wrong, 400, 'NO_FILE', /must be the field "file"; it came as "video"/)
    })

    it('has the file as a field', async () => {
      await assertRefused(send(form(field('file', 'abc'))), 400, 'NO_FILE', /no file/)
    })

    it('has a field after the file: what was read before must not count', async () => {
      const late = send(form(file('a.mp4', 'abc'), field('bitrate', '192')))
      await assertRefused(late, 400, 'FIELD_AFTER_FILE', /"bitrate" comes after the file; send fields first/)
    })

    it('has a field that comes long after the file: until the end of the form nothing is sure', async () => {
      const body = form(file('a.mp4', 'abc'), field('bitrate', '192'))
      const fileEnd = body.indexOf('\r\nContent-Disposition: form-data; name="bitrate"') + 2
      const socket = await begin(body.length)
      socket.write(body.subarray(0, fileEnd))
      await firstBytes.promise
      await turns(100)
      socket.write(body.subarray(fileEnd))
      await assertRefused(outcome.promise, 400, 'FIELD_AFTER_FILE', /"bitrate" comes after the file/)
      socket.destroy()
    })

    it('has two files', async () => {
      const two = send(form(file('a.mp4', 'abc'), file('b.mp4', 'def')))
      await assertRefused(two, 400, 'TOO_MANY_FILES', /takes one file/)
    })

    it('has two files, both large', async () => {
      const bytes = Buffer.alloc(4 * 1024 * 1024, 'x')
      const two = send(form(file('a.mp4', bytes), file('b.mp4', bytes)))
      await assertRefused(two, 400, 'TOO_MANY_FILES', /takes one file/)
    })

    it('has a field that is far too long', async () => {
      const long = send(form(field('bitrate', '1'.repeat(5000)), file('a.mp4', 'abc')))
      await assertRefused(long, 400, 'BAD_MULTIPART', /"bitrate" is too long/)
    })

    it('has a hundred fields', async () => {
      const fields = Array.from({ length: 100 }, (_, index) => field(`f${index}`, '1'))
      await assertRefused(send(form(...fields, file('a.mp4', 'abc'))), 400, 'BAD_MULTIPART', /too many parts/)
    })

    it('has fields with names that are no names for fields', async () => {
      const { fields } = await send(
        form(field('__proto__', 'x'), field('constructor', 'y'), file('a.mp4', 'abc')),
      )
      assert.equal(Object.getPrototypeOf(fields), Object.prototype)
      assert.equal(fields?.['constructor'], 'y')
    })

    for (const [where, cut] of [
      ['in the file', form(file('a.mp4', 'x'.repeat(1000))).subarray(0, 300)],
      ['before the last boundary', form(file('a.mp4', 'abc')).subarray(0, -`--${boundary}--\r\n`.length)],
      ["in the file's headers", form(file('a.mp4', 'abc')).subarray(0, 60)],
    ] as const) {
      it(`ends ${where}`, async () => {
        const answer = await send(cut)
        assert.equal(answer.status, 400, JSON.stringify(answer))
        assert.match(answer.code ?? '', /^(BAD_MULTIPART|NO_FILE)$/)
      })
    }
  })

  describe('that never ends', () => {
    it('is refused when its sender hangs up in the middle of the file', async () => {
      const body = form(file('a.mp4', Buffer.alloc(1024 * 1024, 'x')))
      const socket = await begin(body.length)
      socket.write(body.subarray(0, 500_000))
      await firstBytes.promise
      socket.destroy()
      await assertRefused(
        outcome.promise,
        400,
        'BAD_MULTIPART',
        /connection was closed before the whole form had come/,
      )
      assert.ok(bytesRead < body.length)
    })

    it('is refused when its sender hangs up before the file', async () => {
      const socket = await begin(1000)
      await new Promise((resolve) => socket.write(form(field('bitrate', '192')).subarray(0, 60), resolve))
      socket.destroy()
      await assertRefused(outcome.promise, 400, 'BAD_MULTIPART', /connection was closed/)
    })
  })

  it('waits for whoever reads it: a slow store does not fill the memory', async () => {
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
    slow.listen(0, '127.0.0.1')
    await once(slow, 'listening')
    const socket = connect((slow.address() as AddressInfo).port, '127.0.0.1')
    await once(socket, 'connect')
    const body = form(file('a.mp4', Buffer.alloc(64 * 1024 * 1024)))
    socket.write(head(body.length))
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
    slow.close()
  })

  const head = (length: number): string =>
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=${boundary}\r\nContent-Length: ${length}\r\n\r\n`

  /** A request of which the body is still to be sent. */
  async function begin(length: number): Promise<Socket> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.on('error', () => undefined)
    socket.write(head(length))
    return socket
  }

  async function turns(count: number): Promise<void> {
    for (let turn = 0; turn < count; turn++) await new Promise(setImmediate)
  }
})
