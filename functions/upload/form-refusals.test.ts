import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import {
  boundary,
  field,
  file,
  form,
  startFormServer,
  turns,
  type FormServer,
  type Outcome,
} from './form.testing.ts'

describe('An upload form', { timeout: 30_000 }, () => {
  let server: FormServer
  before(async () => {
    server = await startFormServer()
  })
  after(() => server.stop())

  describe('that is wrong', () => {
    it('is no form', async () => {
      await assertRefused(
        server.send('{}', 'application/json'),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        /application\/json came/,
      )
      await assertRefused(
        server.send('abc', 'multipart/mixed; boundary=x'),
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        /multipart\/mixed/,
      )
    })

    it('has no boundary', async () => {
      await assertRefused(
        server.send(form(file('a', 'b')), 'multipart/form-data'),
        400,
        'BAD_MULTIPART',
        /[Bb]oundary/,
      )
    })

    it('has another boundary than it says', async () => {
      const type = 'multipart/form-data; boundary=another'
      const answer = await server.send(form(file('a.mp4', 'abc')), type)
      assert.equal(answer.status, 400)
      assert.match(answer.code ?? '', /^(BAD_MULTIPART|NO_FILE)$/)
    })

    it('has no file', async () => {
      await assertRefused(
        server.send(form(field('bitrate', '192'))),
        400,
        'NO_FILE',
        /send it as the field "file"/,
      )
    })

    it('is empty', async () => {
      const answer = await server.send('')
      assert.equal(answer.status, 400)
      assert.match(answer.code ?? '', /^(BAD_MULTIPART|NO_FILE)$/)
    })

    it('has a file input that was left empty', async () => {
      await assertRefused(server.send(form(file('', ''))), 400, 'NO_FILE', /has no file/)
    })

    it('has the file under another name', async () => {
      const wrong = server.send(form(file('a.mp4', 'abc', 'video')))
      await assertRefused(wrong, 400, 'NO_FILE', /must be the field "file"; it came as "video"/)
    })

    it('has the file as a field', async () => {
      await assertRefused(server.send(form(field('file', 'abc'))), 400, 'NO_FILE', /no file/)
    })

    it('has a field after the file: what was read before must not count', async () => {
      const late = server.send(form(file('a.mp4', 'abc'), field('bitrate', '192')))
      await assertRefused(late, 400, 'FIELD_AFTER_FILE', /"bitrate" comes after the file; send fields first/)
    })

    it('has a field that comes long after the file: until the end of the form nothing is sure', async () => {
      const body = form(file('a.mp4', 'abc'), field('bitrate', '192'))
      const fileEnd = body.indexOf('\r\nContent-Disposition: form-data; name="bitrate"') + 2
      const { socket, reading } = await server.begin(body.length)
      socket.write(body.subarray(0, fileEnd))
      await reading.firstBytes.promise
      await turns(100)
      socket.write(body.subarray(fileEnd))
      await assertRefused(reading.outcome.promise, 400, 'FIELD_AFTER_FILE', /"bitrate" comes after the file/)
      socket.destroy()
    })

    it('has two files', async () => {
      const two = server.send(form(file('a.mp4', 'abc'), file('b.mp4', 'def')))
      await assertRefused(two, 400, 'TOO_MANY_FILES', /takes one file/)
    })

    it('has two files, both large', async () => {
      const bytes = Buffer.alloc(4 * 1024 * 1024, 'x')
      const two = server.send(form(file('a.mp4', bytes), file('b.mp4', bytes)))
      await assertRefused(two, 400, 'TOO_MANY_FILES', /takes one file/)
    })

    it('has a field that is far too long', async () => {
      const long = server.send(form(field('bitrate', '1'.repeat(5000)), file('a.mp4', 'abc')))
      await assertRefused(long, 400, 'BAD_MULTIPART', /"bitrate" is too long/)
    })

    it('has a hundred fields', async () => {
      const fields = Array.from({ length: 100 }, (_, index) => field(`f${index}`, '1'))
      await assertRefused(
        server.send(form(...fields, file('a.mp4', 'abc'))),
        400,
        'BAD_MULTIPART',
        /too many parts/,
      )
    })

    it('has fields with names that are no names for fields', async () => {
      const { fields } = await server.send(
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
        const answer = await server.send(cut)
        assert.equal(answer.status, 400, JSON.stringify(answer))
        assert.match(answer.code ?? '', /^(BAD_MULTIPART|NO_FILE)$/)
      })
    }
  })

  describe('that never ends', () => {
    it('is refused when its sender hangs up in the middle of the file', async () => {
      const body = form(file('a.mp4', Buffer.alloc(1024 * 1024, 'x')))
      const { socket, reading } = await server.begin(body.length)
      socket.write(body.subarray(0, 500_000))
      await reading.firstBytes.promise
      socket.destroy()
      await assertRefused(
        reading.outcome.promise,
        400,
        'BAD_MULTIPART',
        /connection was closed before the whole form had come/,
      )
      assert.ok(reading.bytesRead < body.length)
    })

    it('is refused when its sender hangs up before the file', async () => {
      const { socket, reading } = await server.begin(1000)
      await new Promise((resolve) => socket.write(form(field('bitrate', '192')).subarray(0, 60), resolve))
      socket.destroy()
      await assertRefused(reading.outcome.promise, 400, 'BAD_MULTIPART', /connection was closed/)
    })
  })
})

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
