import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { file, form, startFormServer, type FormServer } from './form.testing.ts'

describe('An upload form names its file', { timeout: 30_000 }, () => {
  let server: FormServer
  before(async () => {
    server = await startFormServer()
  })
  after(() => server.stop())

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
      const { filename } = await server.send(form(file(onTheWire, 'abc')))
      assert.equal(filename?.split(/[\\/]/).at(-1), expected)
    })
  }

  for (const name of ['say "cheese".mp4', 'a\r\nb.mp4', 'Grüße 🎬.mp4', 'a%22b.mp4', 'חופשה.mp4']) {
    it(`as FormData encodes ${JSON.stringify(name)}`, async () => {
      const data = new FormData()
      data.append('file', new Blob(['abc']), name)
      const { filename } = await server.send(data)
      // HTML escapes a quote as %22 and a percent sign not at all: which one it was cannot be told.
      assert.equal(filename, name.replaceAll('%22', '"'))
    })
  }
})
