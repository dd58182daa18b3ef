import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { userPassword, type User } from '../accounts.ts'
import { sending } from '../client.ts'
import { unavailable } from '../server.ts'
import { freeBox, writeLargeVideo } from './large-video.ts'
import { isLaterPiece, limit, mebibyte, pieceBytes, spans, Uploading } from './uploading.ts'
import type { Visit } from './visit.ts'

describe('Uploads that are broken off', { skip: unavailable, timeout: 300_000 }, () => {
  let up: Uploading
  let user: User
  let person: Visit
  let page: Page

  before(async () => (up = await Uploading.start()))
  after(() => up?.stop())
  afterEach(() => up?.endVisit())

  const open = async (options?: Parameters<Uploading['visit']>[0]): Promise<void> =>
    void ({ user, person, page } = await up.visit(options))

  it('goes on by itself when the network comes back, with what is begun and what is not', async () => {
    await open()
    up.expected = [/ERR_INTERNET_DISCONNECTED/]
    const pieces = up.watchPieces()
    const devtools = await up.throttle(4 * mebibyte)
    const size = 18 * mebibyte
    await person.pick(await up.large('cut.mp4', size))
    await page.waitForRequest((request) => request.method() === 'PUT' && isLaterPiece(request))
    await limit(devtools, -1, true)
    await up.isShown('cut.mp4', 'Offline, goes on by itself')
    await person.pick(up.small('offline.mp4'))
    await page.getByText('1 file is waiting to be uploaded').waitFor()
    await page.getByText('The server cannot be reached. Check your connection.').waitFor()
    const before = pieces.length
    await limit(devtools, -1)
    await person.isReady('cut.mp4')
    await person.isReady('offline.mp4')
    const [first] = spans(pieces.slice(before))
    assert.ok(first && first[0] >= pieceBytes, `it went on from ${first?.[0]}`)
    assert.equal((await user.list()).length, 2)
  })

  for (const [what, path, bytes] of [
    ['a small file', '/upload', mebibyte],
    ['the session of a large one', '/upload/sessions', 9 * mebibyte],
  ] as const)
    it(`makes one job where the answer to ${what} was lost`, async () => {
      await open()
      up.expected = [/ERR_CONNECTION_RESET/]
      const keys: (string | undefined)[] = []
      await page.route(up.opened.server.apiUrl + path, async (route) => {
        if (route.request().method() !== 'POST') return route.continue()
        keys.push(route.request().headers()['idempotency-key'])
        if (keys.length > 1) return route.continue()
        await route.fetch()
        return route.abort('connectionreset')
      })
      await person.pick(await up.large('lost.mp4', bytes))
      await page.getByText('The server cannot be reached. Check your connection.').waitFor()
      assert.equal((await user.list()).length, 1)
      await page.evaluate("dispatchEvent(new Event('online'))")
      // Its job may be ready before it is asked for again.
      await page.getByRole('list', { name: 'Uploads' }).waitFor({ state: 'detached' })
      await person.isReady('lost.mp4')
      assert.equal((await user.list()).length, 1)
      assert.match(String(keys[0]), /^"[0-9a-f-]{36}"$/)
      assert.deepEqual(keys, [keys[0], keys[0]])
    })

  it('sends a small file anew where the first one was broken off', async () => {
    await open()
    up.expected = [/ERR_CONNECTION_RESET/, /status of 409/]
    const keys: (string | undefined)[] = []
    await page.route(`${up.opened.server.apiUrl}/upload`, async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      keys.push(route.request().headers()['idempotency-key'])
      if (keys.length > 1) return route.continue()
      const { id } = (await (await route.fetch()).json()) as { id: string }
      // As the server does with a form that breaks off.
      await user.fetch(`/status/${id}`, { method: 'DELETE' })
      return route.abort('connectionreset')
    })
    await person.pick(up.small('anew.mp4'))
    await page.getByText('The server cannot be reached. Check your connection.').waitFor()
    await page.evaluate("dispatchEvent(new Event('online'))")
    await person.isReady('anew.mp4')
    assert.deepEqual([keys.length, keys[0] === keys[1], keys[1] === keys[2]], [3, true, false])
    assert.equal((await user.list()).length, 1)
  })

  it('goes on after the machine has slept, over which its connections are lost', async () => {
    await open()
    up.expected = [/ERR_CONNECTION_RESET/]
    const bucket = await up.holdLaterPieces()
    await person.pick(await up.large('asleep.mp4'))
    await bucket.has(1)
    await page.evaluate(`(() => {
      let last = performance.now()
      globalThis.longestSleep = 0
      setInterval(() => {
        const now = performance.now()
        globalThis.longestSleep = Math.max(globalThis.longestSleep, now - last)
        last = now
      }, 20)
    })()`)
    const wakeUp = await sendToSleep(page)
    const sleptFor = delay(500)
    await bucket.letGo((route) => route.abort('connectionreset'))
    await sleptFor.finally(wakeUp)
    // No timer has run meanwhile.
    await person.until('globalThis.longestSleep >= 450')
    await person.isReady('asleep.mp4')
    assert.equal((await user.list()).length, 1)
  })

  it('goes on with 200 MB after the network was cut, and after a reload when the same file is chosen again', async () => {
    await open()
    up.expected = [/ERR_INTERNET_DISCONNECTED/]
    const size = 200_000_000
    const pieces = up.watchPieces()
    const started = (): number[] => spans(pieces).map(([from]) => from)
    const hasStarted = async (count: number): Promise<void> => {
      while (started().length < count) await delay(20)
    }
    const slow = 30 * mebibyte
    const devtools = await up.throttle(slow)
    await person.pick(await up.large('feature.mp4', size))
    await hasStarted(5)
    await limit(devtools, -1, true)
    await up.isShown('feature.mp4', 'Offline, goes on by itself')
    const beforeCut = started()
    await limit(devtools, slow)
    await hasStarted(beforeCut.length + 4)
    // From where the last one had begun, or further.
    const [resumedFrom = 0] = started().slice(beforeCut.length)
    assert.ok(resumedFrom >= Math.max(...beforeCut), `it went on from ${resumedFrom}`)
    const reached = Math.max(...started())
    await page.reload()
    await limit(devtools, -1)
    await up.isShown('feature.mp4', 'Upload not finished')
    const before = pieces.length
    const other = await writeLargeVideo(join(up.folder, 'other'), Buffer.concat([up.video, freeBox(8)]), size)
    const choose = person.button('Choose the file feature.mp4 again')
    await (await person.choosing(choose)).setFiles(other)
    await up.isShown('feature.mp4', /This is another file than the one whose upload was begun\./)
    assert.equal(pieces.length, before)
    await (await person.choosing(choose)).setFiles(join(up.folder, 'feature.mp4'))
    await person.isReady('feature.mp4')
    const [question, ...rest] = pieces.slice(before)
    assert.equal(question, `*/${size}`)
    const sent = spans(rest)
    const from = sent[0]?.[0] ?? 0
    assert.ok(from >= reached, `it went on from ${from}`)
    assert.equal(
      sent.reduce((sum, [start, end]) => sum + end - start, 0),
      size - from,
    )
    assert.equal((await up.jobNamed('feature.mp4')).size, size)
    assert.equal((await user.list()).length, 1)
  })

  it('knows a file that was begun when it is simply added again', async () => {
    await open()
    const pieces = up.watchPieces()
    const bucket = await up.holdLaterPieces()
    const path = await up.large('again.mp4')
    await person.pick(path)
    await bucket.has(1)
    await page.reload()
    await up.isShown('again.mp4', 'Upload not finished')
    await bucket.letGo()
    const before = pieces.length
    await person.pick(path)
    await person.isReady('again.mp4')
    assert.deepEqual(
      spans(pieces.slice(before)).map(([from]) => from),
      [pieceBytes],
    )
    assert.equal((await user.list()).length, 1)
  })

  it('goes on by itself after a reload where the browser keeps the file, unless it was paused', async () => {
    await open({ visit: up.opened.visitInProfile })
    await page.addInitScript(`window.showOpenFilePicker = async () => {
      const folder = await navigator.storage.getDirectory()
      return [await folder.getFileHandle('kept.mp4')]
    }`)
    await page.reload()
    await person.isSignedIn()
    const size = 17 * mebibyte
    await page.evaluate(`(async () => {
      const folder = await navigator.storage.getDirectory()
      const handle = await folder.getFileHandle('kept.mp4', { create: true })
      const file = await handle.createWritable()
      const decode = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
      await file.write(decode('${Buffer.concat([up.video, freeBox(size - up.video.length)]).toString('base64')}'))
      await file.truncate(${size})
      await file.close()
    })()`)
    const pieces = up.watchPieces()
    const bucket = await up.holdLaterPieces()
    await person.button('Choose files').click()
    await bucket.has(1)
    const before = pieces.length
    await page.reload()
    await bucket.has(2)
    await person.button('Pause kept.mp4').click()
    const whilePaused = pieces.length
    await page.reload()
    await up.isShown('kept.mp4', 'Paused')
    await up.isShown('kept.mp4', '47 %')
    assert.equal(pieces.length, whilePaused)
    await bucket.letGo()
    await person.button('Resume kept.mp4').click()
    await person.isReady('kept.mp4')
    assert.ok(spans(pieces.slice(before)).every(([from]) => from >= pieceBytes))
    assert.equal((await user.list()).length, 1)
  })

  for (const when of ['before', 'after'] as const)
    it(`goes on in a tab that was opened ${when} the upload was begun, once the tab that sends it is closed`, async () => {
      await open()
      const bucket = await up.holdLaterPieces()
      // Chromium lets what is held go once its tab is closed: that must not be the last piece.
      const path = await up.large('shared.mp4', 2 * pieceBytes + mebibyte)
      const second = await page.context().newPage()
      const openSecond = async (): Promise<void> => {
        await second.goto(up.opened.origin)
        await second.getByRole('heading', { name: 'Your files' }).waitFor()
      }
      if (when === 'before') await openSecond()
      await person.pick(path)
      await bucket.has(1)
      if (when === 'after') await openSecond()
      await second.getByText('shared.mp4').waitFor()
      const uploads = second.getByRole('list', { name: 'Uploads' })
      // It waits for the other one's lock.
      await person.until('navigator.locks.query().then(({ pending }) => pending.length === 1)')
      assert.equal(await uploads.count(), 0)
      await page.close()
      await uploads.getByText('Upload not finished').waitFor()
      const choosing = second.waitForEvent('filechooser')
      await second.getByRole('button', { name: 'Choose the file shared.mp4 again' }).click()
      await (await choosing).setFiles(path)
      await second.getByRole('list', { name: 'Your files' }).getByText('Ready').waitFor()
      assert.equal((await user.list()).length, 1)
    })

  it('lets what runs go on while one has to sign in again, and sends what waits after that', async () => {
    await open()
    up.expected = [/status of 401/]
    const bucket = await up.holdLaterPieces()
    await person.pick(await up.large('running.mp4'))
    await bucket.has(1)
    const password = 'another long password'
    await user.json(
      '/auth/me/password',
      sending('PUT', { currentPassword: userPassword, newPassword: password }),
    )
    // What another tab finds out is no wish to sign out here.
    const second = await page.context().newPage()
    await second.goto(up.opened.origin)
    await second.getByRole('button', { name: 'Sign in' }).waitFor()
    await person.pick(up.small('next.mp4'))
    // The page is still there, behind the sign-in.
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor()
    await up.isShown('running.mp4', 'Uploading')
    await page.getByText('1 file is waiting to be uploaded').waitFor()
    const stored = page.waitForResponse(
      (response) => response.request().method() === 'PUT' && response.status() === 200,
    )
    await bucket.letGo()
    await stored
    await person.signIn(user.email, password)
    await person.isReady('running.mp4')
    await person.isReady('next.mp4')
  })
})

/** Stops the processes in which pages run, as a machine does that sleeps; gives what lets them go on. */
async function sendToSleep(page: Page): Promise<() => void> {
  const devtools = await page.context().browser()?.newBrowserCDPSession()
  const { processInfo = [] } = (await devtools?.send('SystemInfo.getProcessInfo')) ?? {}
  const pages = processInfo.filter(({ type }) => type === 'renderer')
  for (const { id } of pages) process.kill(id, 'SIGSTOP')
  return () => pages.forEach(({ id }) => process.kill(id, 'SIGCONT'))
}
