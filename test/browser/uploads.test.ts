import assert from 'node:assert/strict'
import { rename } from 'node:fs/promises'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import type { User } from '../accounts.ts'
import { unavailable } from '../server.ts'
import { limit, mebibyte, mp4, pieceBytes, Uploading } from './uploading.ts'
import type { Visit } from './visit.ts'

describe('The queue of uploads', { skip: unavailable, timeout: 300_000 }, () => {
  let up: Uploading
  let user: User
  let person: Visit
  let page: Page

  before(async () => (up = await Uploading.start()))
  after(() => up?.stop())
  afterEach(() => up?.endVisit())

  const open = async (options?: Parameters<Uploading['visit']>[0]): Promise<void> =>
    void ({ user, person, page } = await up.visit(options))

  /** Makes the page's DataTransfer that carries these files, and dispatches the event that comes of it. */
  const dispatch = (event: string, names: string[]): Promise<void> =>
    page.evaluate(`(() => {
      const bytes = Uint8Array.from(atob('${up.video.toString('base64')}'), (character) => character.charCodeAt(0))
      const transfer = new DataTransfer()
      for (const name of ${JSON.stringify(names)}) transfer.items.add(new File([bytes], name, { type: '${mp4}' }))
      document.body.dispatchEvent(${event})
    })()`)

  it('sends many at once, two at a time, and says how they go together', async () => {
    await open()
    const forms = await up.holdBack(
      `${up.opened.server.apiUrl}/upload`,
      (request) => request.method() === 'POST',
    )
    const names = ['a.mp4', 'b.mp4', 'c.mp4', 'd.mp4', 'e.mp4']
    await person.pick(...names.map((name) => up.small(name)))
    await forms.has(2)
    await page.getByText('3 files are waiting to be uploaded').waitFor()
    await page.getByText('5 files', { exact: true }).waitFor()
    await page.getByText(/^\d.* of \d/).waitFor()
    await forms.letGo()
    for (const name of names) await person.isReady(name)
    await page.getByRole('list', { name: 'Uploads' }).waitFor({ state: 'detached' })
    assert.equal((await user.list()).length, 5)
  })

  it('shows how far a file is, how fast it goes and how long it will take', async () => {
    await open()
    const devtools = await up.throttle(mebibyte)
    await person.pick(await up.large('slow.mp4', 12 * mebibyte))
    await up.isShown('slow.mp4', /^\d[\d.]* .?B\/s$/)
    await up.isShown('slow.mp4', /^\d+:\d\d left$/)
    await up.isShown('slow.mp4', /^[1-9]\d? %$/)
    const bar = up.row('slow.mp4').getByRole('progressbar')
    const value = Number(await bar.getAttribute('value'))
    assert.ok(value > 0 && value < 1, `${value}`)
    assert.match((await bar.getAttribute('aria-label')) ?? '', /slow\.mp4/)
    // Nobody is told a speed while nothing moves.
    await limit(devtools, 1)
    await up.isShown('slow.mp4', /^no data for \d+ s$/)
    assert.equal(await up.row('slow.mp4').getByText(/B\/s$/).count(), 0)
    await page.getByLabel('Language').selectOption('한국어')
    const list = page.getByRole('list', { name: '업로드' })
    await list.getByText(/^\d+초 동안 전송 없음$/).waitFor()
    await page.getByLabel('언어').selectOption('English')
    await limit(devtools, -1)
    await person.isReady('slow.mp4')
  })

  it('pauses one: nothing of it is sent, and then only what is missing', async () => {
    await open()
    const pieces = up.watchPieces()
    const bucket = await up.holdLaterPieces()
    const size = 20 * mebibyte
    await person.pick(await up.large('long.mp4', size))
    await bucket.has(1)
    await person.button('Pause long.mp4').click()
    await up.isShown('long.mp4', 'Paused')
    // Somebody who uses the keyboard is still where they were.
    assert.equal(await page.evaluate('document.activeElement.ariaLabel'), 'Resume long.mp4')
    await bucket.letGo()
    const before = pieces.length
    await person.pick(up.small('meanwhile.mp4'))
    await person.isReady('meanwhile.mp4')
    assert.equal(pieces.length, before)
    await person.button('Resume long.mp4').click()
    await person.isReady('long.mp4')
    assert.deepEqual(pieces.slice(before), [
      `*/${size}`,
      `${pieceBytes}-${2 * pieceBytes - 1}/${size}`,
      `${2 * pieceBytes}-${size - 1}/${size}`,
    ])
    assert.equal((await up.jobNamed('long.mp4')).size, size)
  })

  it('pauses all and lets them go on, each in its own encoding', async () => {
    await open()
    const pieces = up.watchPieces()
    const bucket = await up.holdLaterPieces()
    await page.getByLabel('MP3 quality').selectOption('128 kbit/s')
    await person.pick(await up.large('one.mp4'), await up.large('two.mp4'))
    await bucket.has(2)
    await person.button('Pause all').click()
    await up.isShown('one.mp4', 'Paused')
    await up.isShown('two.mp4', 'Paused')
    await bucket.letGo()
    const before = pieces.length
    await person.pick(up.small('three.mp4'), up.small('four.mp4'), up.small('five.mp4'))
    await page.getByText('3 files are waiting to be uploaded').click()
    await page.getByLabel('MP3 quality of three.mp4').selectOption('96 kbit/s')
    await page.getByLabel('MP3 quality of four.mp4').selectOption('V2 (very good)')
    assert.equal(pieces.length, before)
    assert.equal((await user.list()).length, 2)
    await person.button('Resume all').click()
    for (const name of ['one.mp4', 'two.mp4', 'three.mp4', 'four.mp4', 'five.mp4']) await person.isReady(name)
    assert.deepEqual((await up.jobNamed('one.mp4')).options, { bitrate: 128 })
    assert.deepEqual((await up.jobNamed('three.mp4')).options, { bitrate: 96 })
    assert.deepEqual((await up.jobNamed('four.mp4')).options, { quality: 2 })
    assert.deepEqual((await up.jobNamed('five.mp4')).options, { bitrate: 128 })
  })

  it('resumes one of them while all others stay paused', async () => {
    await open()
    const bucket = await up.holdLaterPieces()
    await person.pick(await up.large('first.mp4'), await up.large('second.mp4'))
    await bucket.has(2)
    await person.button('Pause all').click()
    await bucket.letGo()
    await person.button('Resume second.mp4').click()
    await person.isReady('second.mp4')
    await up.isShown('first.mp4', 'Paused')
    // With the last of them the pause is over.
    await person.button('Cancel first.mp4').click()
    await person.pick(up.small('third.mp4'))
    await person.isReady('third.mp4')
    up.expected = [/status of 499/]
  })

  it('cancels whatever a file is doing, and nothing stays', async () => {
    await open()
    up.expected = [/status of 499/]
    const forms = await up.holdBack(
      `${up.opened.server.apiUrl}/upload`,
      (request) => request.method() === 'POST',
    )
    const sessions = await up.holdBack(`${up.opened.server.apiUrl}/upload/sessions`, () => true)
    await person.pick(await up.large('opening.mp4'))
    await person.pick(up.small('form.mp4'), up.small('waiting.mp4'))
    await sessions.has(1)
    await forms.has(1)
    await page.getByText('1 file is waiting to be uploaded').click()
    const deleted = page.waitForResponse(
      (response) =>
        response.request().method() === 'DELETE' && response.url().startsWith(up.opened.server.apiUrl),
    )
    for (const name of ['waiting.mp4', 'form.mp4', 'opening.mp4'])
      await person.button(`Cancel ${name}`).click()
    await page.getByRole('list', { name: 'Uploads' }).waitFor({ state: 'detached' })
    // The session that was being opened comes to nothing.
    await sessions.letGo()
    assert.equal((await deleted).status(), 204)
    assert.deepEqual(await user.list(), [])
  })

  it('tries again what has failed', async () => {
    await open()
    up.expected = [/status of 500/]
    let failures = 0
    await page.route(`${up.opened.server.apiUrl}/upload/sessions`, async (route) => {
      if (route.request().method() !== 'POST' || failures > 0) return route.continue()
      failures += 1
      const json = { code: 'INTERNAL', detail: 'Something broke.' }
      return route.fulfill({ status: 500, headers: { 'access-control-allow-origin': '*' }, json })
    })
    await person.pick(await up.large('unlucky.mp4'))
    await up.isShown('unlucky.mp4', 'Upload failed')
    await up.row('unlucky.mp4').getByRole('alert').getByText('Something broke.').waitFor()
    await person.button('Try again: unlucky.mp4').click()
    await person.isReady('unlucky.mp4')
  })

  it('takes what is dropped and what is pasted', async () => {
    await open()
    await dispatch("new DragEvent('drop', { dataTransfer: transfer, bubbles: true })", [
      'left.mp4',
      'right.mp4',
    ])
    await dispatch("new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true })", ['pasted.mp4'])
    for (const name of ['left.mp4', 'right.mp4', 'pasted.mp4']) await person.isReady(name)
  })

  it('names what is no video or too large before a byte is sent', async () => {
    await open({ quota: { fileBytes: 1_000_000 } })
    const sent: string[] = []
    page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()))
    const buffer = Buffer.alloc(2_000_000)
    up.video.copy(buffer)
    await person.pick(
      { name: 'notes.mp4', mimeType: mp4, buffer: Buffer.from('Buy milk.') },
      { name: 'nothing.avi', mimeType: 'video/x-msvideo', buffer: Buffer.alloc(0) },
      { name: 'large.mp4', mimeType: mp4, buffer },
    )
    for (const name of ['notes.mp4', 'nothing.avi', 'large.mp4']) await up.isShown(name, 'Not uploaded')
    await up.isShown('notes.mp4', /it looks like text\. MP4, MOV, AVI, MKV and WebM are accepted\./)
    await up.isShown('nothing.avi', /it is empty/)
    await up.isShown(
      'large.mp4',
      /It is too large: 2 MB, and your account may upload files of at most 1 MB\./,
    )
    assert.deepEqual(sent, [])
    await person.button('Remove notes.mp4').click()
    await up.row('notes.mp4').waitFor({ state: 'detached' })
  })

  it('says of each file that cannot be read why, and sends the others', async () => {
    await open()
    await page.evaluate(`(() => {
      const bytes = Uint8Array.from(atob('${up.video.toString('base64')}'), (character) => character.charCodeAt(0))
      const failing = (name, error) => ({ name, kind: 'file', getFile: async () => { throw new DOMException('', error) } })
      window.showOpenFilePicker = async () => [
        failing('moved.mp4', 'NotFoundError'),
        failing('locked.mp4', 'NotReadableError'),
        { name: 'fine.mp4', kind: 'file', getFile: async () => new File([bytes], 'fine.mp4') },
      ]
    })()`)
    await person.button('Choose files').click()
    await up.isShown('moved.mp4', /It is no longer where it was: .* Choose it again where it is now\./)
    await up.isShown('locked.mp4', /It cannot be read\. .* close that, and choose the file again\./)
    await person.isReady('fine.mp4')
    await page.getByLabel('Language').selectOption('한국어')
    await page.getByText('파일이 원래 위치에 없습니다.').waitFor()
    await page.getByText('파일을 읽을 수 없습니다.').waitFor()
    assert.equal((await user.list()).length, 1)
  })

  it('says of a file that goes while it waits that it is gone, and goes on with it once it is back', async () => {
    await open()
    const forms = await up.holdBack(
      `${up.opened.server.apiUrl}/upload`,
      (request) => request.method() === 'POST',
    )
    const gone = await up.large('gone.mp4', mebibyte)
    await person.pick(up.small('one.mp4'), up.small('two.mp4'))
    await forms.has(2)
    await person.pick(gone)
    await page.getByText('1 file is waiting to be uploaded').waitFor()
    await rename(gone, `${gone}.elsewhere`)
    await forms.letGo()
    await up.isShown('gone.mp4', /cannot be read any more: .* choose it anew\./)
    await rename(`${gone}.elsewhere`, gone)
    await person.button('Try again: gone.mp4').click()
    await person.isReady('gone.mp4')
  })
})
