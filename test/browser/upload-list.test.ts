import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page, Route } from 'playwright-core'
import type { User } from '../accounts.ts'
import { unavailable } from '../server.ts'
import { mebibyte, Uploading } from './uploading.ts'
import type { FilePayload, Visit } from './visit.ts'

const numbered = (count: number, of: (index: number) => FilePayload): FilePayload[] =>
  Array.from({ length: count }, (_, index) => of(index + 1))

describe('The uploads in the list', { skip: unavailable, timeout: 240_000 }, () => {
  let up: Uploading
  let user: User
  let person: Visit
  let page: Page

  before(async () => (up = await Uploading.start()))
  after(() => up?.stop())
  afterEach(() => up?.endVisit())

  const open = async (): Promise<void> => void ({ user, person, page } = await up.visit())
  const isGone = (): Promise<void> =>
    page.getByRole('list', { name: 'Uploads' }).waitFor({ state: 'detached' })

  const reload = async (): Promise<void> => {
    await page.reload()
    await person.isSignedIn()
  }

  it('are all there again after a reload, those that waited, were small or had got through', async () => {
    await open()
    const api = up.opened.server.apiUrl
    const held: Route[] = []
    await page.route(`${api}/upload`, async (route) => {
      held.push(route)
      // The first one gets through, and its answer comes too late.
      if (held.length === 1) await route.fetch()
    })
    const names = ['one.mp4', 'two.mp4', 'three.mp4', 'four.mp4']
    const paths = await Promise.all(names.map((name) => up.large(name, 1_000_000)))
    await person.pick(...paths)
    await page.getByText('2 files are waiting to be uploaded').click()
    await page.getByLabel('MP3 quality of four.mp4').selectOption('96 kbit/s')
    while ((await user.list()).length === 0) await delay(25)
    await reload()
    // Not before: what is held would go on.
    await page.unroute(`${api}/upload`)
    await page.getByText('4 files were waiting when the page was left').click()
    for (const name of names) await person.button(`Choose the file ${name} again`).waitFor()
    await person.pick(...paths)
    for (const name of names) await person.isReady(name)
    assert.equal((await user.list()).length, names.length)
    assert.deepEqual((await up.jobNamed('four.mp4')).options, { bitrate: 96 })
    await reload()
    await person.isReady('one.mp4')
    assert.equal(await page.getByRole('list', { name: 'Uploads' }).count(), 0)
  })

  it('are after a reload as one wanted them: not to start yet, and in which quality', async () => {
    await open()
    await page.getByLabel('MP3 quality').selectOption('128 kbit/s')
    const hold = page.getByRole('checkbox', { name: 'Do not start yet' })
    await hold.check()
    await person.pick({ ...up.small('notes.mp4'), buffer: Buffer.from('no video') })
    await up.isShown('notes.mp4', 'Not uploaded')
    // What was never to be sent ends no pause.
    assert.ok(await hold.isChecked())
    await person.button('Remove notes.mp4').click()
    const path = await up.large('later.mp4', 1_000_000)
    await person.pick(path)
    await page.getByText('1 file is waiting to be uploaded').click()
    await page.getByLabel('MP3 quality of later.mp4').selectOption('V2 (very good)')
    const questions: string[] = []
    page.on('dialog', async (dialog) => {
      questions.push(dialog.type())
      await dialog.accept()
    })
    await reload()
    assert.deepEqual(questions, ['beforeunload'])
    assert.ok(await hold.isChecked())
    assert.equal(await page.getByLabel('MP3 quality').inputValue(), 'bitrate 128')
    await (await person.choosing(person.button('Choose the file later.mp4 again'))).setFiles(path)
    await page.getByText('1 file is waiting to be uploaded').waitFor()
    assert.deepEqual(await user.list(), [])
    await hold.uncheck()
    await person.isReady('later.mp4')
    assert.deepEqual((await up.jobNamed('later.mp4')).options, { quality: 2 })
  })

  it('are sent where a browser lacks or forbids what others have', async () => {
    await open()
    await page.addInitScript(`(() => {
      if (!isSecureContext) return
      const refuse = (...args) => { throw new DOMException('The operation is insecure.', 'SecurityError') }
      window.BroadcastChannel = class { constructor() { refuse() } }
      IDBFactory.prototype.open = refuse
      LockManager.prototype.request = refuse
      Storage.prototype.getItem = Storage.prototype.setItem = Storage.prototype.removeItem = refuse
      delete AbortSignal.any
      delete Promise.withResolvers
      window.showOpenFilePicker = async () => refuse()
    })()`)
    await page.goto('about:blank')
    await page.goto(new URL(`#token=${user.token}`, up.opened.origin).href)
    await person.isSignedIn()
    const accepted = await page.locator('.add input[type=file]').getAttribute('accept')
    for (const type of ['.mp4', '.mov', '.avi', '.mkv', '.webm', '.m4v'])
      assert.ok(accepted?.includes(type), type)
    await person.pick(up.small('small.mp4'))
    await person.isReady('small.mp4')
    const bucket = await up.holdLaterPieces()
    await person.pick(await up.large('large.mp4'))
    await bucket.has(1)
    await bucket.letGo()
    await person.isReady('large.mp4')
    // The stream of events is open.
    assert.equal(await page.getByText('The connection is lost').count(), 0)
    assert.equal((await user.list()).length, 2)
  })

  it('have no row until one looks at them, and then not all at once', async () => {
    await open()
    await page.getByRole('checkbox', { name: 'Do not start yet' }).check()
    await person.pick(...numbered(60, (index) => up.small(`video ${index}.mp4`)))
    const summary = page.getByText('60 files are waiting to be uploaded')
    await summary.waitFor()
    const rows = page.locator('.waiting li')
    assert.equal(await rows.count(), 0)
    await summary.click()
    const more = person.button('Show 10 more')
    await more.waitFor()
    assert.equal(await rows.count(), 51)
    await more.click()
    await more.waitFor({ state: 'detached' })
    assert.equal(await rows.count(), 60)
    await person.button('Cancel all').click()
    await page.getByRole('dialog', { name: 'Cancel 60 uploads?' }).waitFor()
    await person.button('Cancel the upload').click()
    await isGone()
    // With the last of them the pause is over; what follows is to wait as well.
    await page.getByRole('checkbox', { name: 'Do not start yet' }).check()
    const path = await up.large('twice.mp4', mebibyte)
    for (const waiting of ['1 file is', '1 file is', '2 files are']) {
      if (waiting === '2 files are') await page.getByLabel('MP3 quality').selectOption('96 kbit/s')
      await person.pick(path)
      await page.getByText(`${waiting} waiting to be uploaded`).waitFor()
    }
    await up.isShown('twice.mp4', 'It is on its way already, to become the same MP3.')
    assert.deepEqual(await user.list(), [])
  })

  it('of a folder are all that is in it, and one alert tells of what is no video', async () => {
    await open()
    const folder = join(up.folder, 'holiday')
    await mkdir(join(folder, 'day 1', 'evening'), { recursive: true })
    await writeFile(join(folder, 'arrival.mp4'), up.video)
    await writeFile(join(folder, 'day 1', 'evening', 'dinner.mp4'), up.video)
    await writeFile(join(folder, '.DS_Store'), 'what the system puts there')
    for (let index = 1; index <= 30; index++)
      await writeFile(join(folder, 'day 1', `note ${index}.txt`), 'Hi.')
    await drop(page, folder)
    await person.isReady('arrival.mp4')
    await person.isReady('dinner.mp4')
    const alert = page.getByRole('alert')
    await alert.getByText('30 files are no video.').waitFor()
    assert.equal(await alert.count(), 1)
    await page.getByText('Show the 30 files').click()
    await page.getByText('note 1.txt').waitFor()
    await up.isShown('note 1.txt', /it looks like text/)
    await person.button('Clear 30 files').click()
    await isGone()
    assert.equal((await user.list()).length, 2)
  })

  it('that failed are retried or cleared together', async () => {
    await open()
    up.expected = [/status of 500/]
    const headers = {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Retry-After',
    }
    let mode: 'refuse' | 'hold' | 'pass' = 'refuse'
    const held: Route[] = []
    await page.route(`${up.opened.server.apiUrl}/upload`, async (route) => {
      if (route.request().method() !== 'POST' || mode === 'pass') return route.continue()
      if (mode === 'hold') return void held.push(route)
      return route.fulfill({ status: 500, headers, json: { code: 'INTERNAL', detail: 'Something broke.' } })
    })
    const names = ['one.mp4', 'two.mp4', 'three.mp4']
    await person.pick(...names.map((name) => up.small(name)))
    await page.getByText('3 failed').waitFor()
    mode = 'hold'
    await person.button('Retry failed').click()
    while (held.length < 2) await delay(25)
    await person.button('Pause all').click()
    await page.getByText('1 file is waiting to be uploaded').waitFor()
    // That it was to be tried again is no reason to go on in a pause.
    await delay(200)
    assert.equal(held.length, 2)
    mode = 'pass'
    await person.button('Resume all').click()
    for (const name of names) await person.isReady(name)
    mode = 'refuse'
    await person.pick(up.small('four.mp4'), up.small('five.mp4'))
    await page.getByText('2 failed').waitFor()
    await person.button('Clear').click()
    await isGone()
  })

  it('that are resumed alone go on by themselves after a refusal that passes', async () => {
    await open()
    up.expected = [/status of 503/]
    const headers = {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Retry-After',
      'retry-after': '1',
    }
    const held: Route[] = []
    let refusals = 1
    await page.route(`${up.opened.server.apiUrl}/upload`, async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      if (held.length < 2) return void held.push(route)
      if (refusals-- <= 0) return route.continue()
      return route.fulfill({ status: 503, headers, json: { code: 'UNAVAILABLE', detail: 'Not now.' } })
    })
    await person.pick(up.small('wanted.mp4'), up.small('other.mp4'))
    while (held.length < 2) await delay(25)
    await person.button('Pause all').click()
    await person.button('Resume wanted.mp4').click()
    await person.isReady('wanted.mp4')
    await up.isShown('other.mp4', 'Paused')
  })

  it('are paused together even if there is but one, and not cancelled by a slip where much has been sent', async () => {
    await open()
    up.expected = [/status of 499/]
    const bucket = await up.holdBack(
      `${up.opened.server.bucketUrl}/upload/**`,
      (request) => request.method() === 'PUT',
    )
    await person.pick(await up.large('dear.mp4', 101_000_000))
    await bucket.has(1)
    await person.button('Pause all').click()
    await up.isShown('dear.mp4', 'Paused')
    await person.pick(up.small('second.mp4'))
    await page.getByText('1 file is waiting to be uploaded').waitFor()
    await person.button('Resume all').click()
    await person.isReady('second.mp4')
    await page.reload()
    await up.isShown('dear.mp4', 'Upload not finished')
    const cancel = person.button('Cancel dear.mp4')
    await cancel.click()
    await page.getByRole('dialog', { name: 'Cancel the upload of dear.mp4?' }).waitFor()
    await person.button('Go on').click()
    await up.isShown('dear.mp4', 'Upload not finished')
    await cancel.click()
    await person.button('Cancel the upload').click()
    await isGone()
    while ((await user.list()).length > 1) await delay(25)
  })
})

/** Drops a folder on the page, as from a file manager. */
async function drop(page: Page, path: string): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  const data = { items: [], files: [path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await devtools.send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
}
