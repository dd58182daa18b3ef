import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { exportPKCS8, generateKeyPair, type CryptoKey, type JWTPayload } from 'jose'
import type { Locator, Page } from 'playwright-core'
import { signUp, userPassword, type User } from '../accounts.ts'
import { sending } from '../client.ts'
import { tokenAlgorithm } from '../../lib/users.ts'
import { unavailable } from '../server.ts'
import { signToken, unixTime } from '../tokens.ts'
import { goTo } from './sample.ts'
import { mebibyte, pieceBytes, Uploading } from './uploading.ts'
import type { Visit } from './visit.ts'

describe('A session, in the page', { skip: unavailable, timeout: 180_000 }, () => {
  let signingKey: CryptoKey
  let up: Uploading
  let user: User
  let person: Visit
  let page: Page

  before(async () => {
    const { privateKey } = await generateKeyPair(tokenAlgorithm, { extractable: true })
    signingKey = privateKey
    up = await Uploading.start({ SIGNING_KEY: await exportPKCS8(signingKey) })
  })
  after(() => up?.stop())
  afterEach(() => up?.endVisit())

  const open = async (options?: Parameters<Uploading['visit']>[0]): Promise<void> =>
    void ({ user, person, page } = await up.visit(options))

  /** Signs the visitor in with a token that says this as well. */
  async function openWith(claims: JWTPayload): Promise<string> {
    let token = ''
    await open({
      async tokenFor({ id }) {
        token = await signToken(signingKey, { sub: id, ver: 0, ...claims })
        return token
      },
    })
    return token
  }

  /** Has the page's clock be half a day ahead, as after a machine has slept, and wakes its tabs. */
  async function sleep(...tabs: Page[]): Promise<void> {
    await page.context().clock.setSystemTime(Date.now() + 13 * 60 * 60 * 1000)
    await Promise.all(tabs.map((tab) => tab.evaluate(`dispatchEvent(new Event('focus'))`)))
  }

  /** Ends all tokens of the visitor, who finds that out by adding a file. */
  async function endTokens(): Promise<void> {
    up.expected = [/status of 401/]
    const passwords = { currentPassword: userPassword, newPassword: 'another long password' }
    await user.json('/auth/me/password', sending('PUT', passwords))
    await person.pick(up.small('next.mp4'))
    await dialog().waitFor()
  }

  const dialog = (): Locator => page.getByRole('dialog', { name: 'Sign in again' })
  async function signInAgain(email: string, password: string): Promise<void> {
    await dialog().getByLabel('E-mail').fill(email)
    await dialog().getByLabel('Password').fill(password)
    await dialog().getByRole('button', { name: 'Sign in' }).click()
  }
  const isTaken = async (token: string): Promise<boolean> => {
    const { status } = await user.fetch('/auth/me', { headers: { authorization: `Bearer ${token}` } })
    return status === 200
  }

  it('is renewed in time: an upload outlives the token that it was begun with', async () => {
    const exp = unixTime() + 12
    // To the page it seems to last four seconds: it is renewed after two, and ten more are for slow machines.
    const token = await openWith({ iat: exp - 4, exp })
    const bucket = await up.holdLaterPieces()
    await person.pick(await up.large('long.mp4', pieceBytes + mebibyte))
    await bucket.has(1)
    while (await isTaken(token)) await delay(250)
    await person.pick(up.small('later.mp4'))
    await person.isReady('later.mp4')
    await bucket.letGo()
    await person.isReady('long.mp4')
    await page.reload()
    await person.isReady('long.mp4')
  })

  it('is renewed for all tabs by one of them, which tries again where that fails', async () => {
    await open()
    up.expected = [/ERR_FAILED/]
    let [asked, answered] = [0, 0]
    await page.context().route('**/auth/token', async (route) => {
      asked += 1
      if (asked <= 2) return route.abort()
      answered += 1
      // For longer than a tab waits before it tries again.
      await delay(2500)
      return route.continue()
    })
    const second = await page.context().newPage()
    await second.goto(up.opened.origin)
    await second.getByRole('heading', { name: 'Your files' }).waitFor()
    await sleep(page, second)
    for (const tab of [page, second]) await isUsed(tab, user.token)
    assert.equal(answered, 1)
    assert.equal(await dialog().count(), 0)
  })

  it('is renewed when the machine wakes up', async () => {
    await open()
    const renewed = page.waitForResponse(/\/auth\/token$/)
    await sleep(page)
    assert.equal((await renewed).status(), 200)
  })

  it('goes on for what is left of its token where the login is too long ago', async () => {
    const now = unixTime()
    await openWith({ iat: now, exp: now + 24 * 60 * 60, auth_time: now - 31 * 24 * 60 * 60 })
    up.expected = [/status of 403/]
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().endsWith('/auth/token')) asked.push(request.method())
    })
    const refused = page.waitForResponse(/\/auth\/token$/)
    await sleep(page)
    assert.equal((await refused).status(), 403)
    await sleep(page)
    await person.pick(up.small('still.mp4'))
    await person.isReady('still.mp4')
    assert.deepEqual(asked, ['POST'])
  })

  /** Waits until the tab sends another token than this one. */
  async function isUsed(tab: Page, former: string): Promise<void> {
    for (const deadline = performance.now() + 20_000; ;) {
      const asking = tab.waitForRequest(/\/auth\/me\/notifications$/)
      await goTo(tab, 'account')
      const { authorization = '' } = (await asking).headers()
      if (authorization !== `Bearer ${former}`) return
      assert.ok(performance.now() < deadline, 'it goes on with the same token')
      await goTo(tab, '')
      await tab.getByRole('heading', { name: 'Your files' }).waitFor()
      await delay(250)
    }
  }

  it('that has ended leaves the page as it is below the sign-in, which keeps the focus', async () => {
    await open()
    await page.evaluate('window.loadedOnce = true')
    await endTokens()
    await page.getByText('1 file is waiting to be uploaded').waitFor()
    assert.equal(await dialog().getByLabel('E-mail').inputValue(), user.email)
    await dialog().locator('input[name=password]:focus').waitFor()
    for (const key of ['Tab', 'Tab', 'Tab', 'Tab', 'Escape', 'Escape']) {
      await page.keyboard.press(key)
      assert.equal(await page.evaluate(`document.activeElement.closest('header, main')`), null)
    }
    // What is asked for meanwhile waits.
    await goTo(page, 'account')
    await signInAgain(user.email, 'a wrong password')
    await dialog().getByText('There is no account with this e-mail and this password.').waitFor()
    await signInAgain(user.email, 'another long password')
    await dialog().waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'Webhooks' }).waitFor()
    await goTo(page, '')
    await person.isReady('next.mp4')
    assert.equal(await page.evaluate('window.loadedOnce'), true)
  })

  it('of another account goes on with nothing of the one before, and shows nothing of it', async () => {
    await open()
    const other = await signUp(up.opened.client)
    const { id } = await user.upload({ filename: 'of mine.mp4', bytes: up.video })
    await user.completed(id)
    const bucket = await up.holdLaterPieces()
    await person.pick(await up.large('half sent.mp4', pieceBytes + mebibyte))
    await bucket.has(1)
    await person.isReady('of mine.mp4')
    await page.getByLabel(/^Name (begins with|contains)/).fill('of')
    const pieces = up.watchPieces()
    await endTokens()
    await goTo(page, `job=${id}`)
    await person.isOnJob('of mine.mp4')
    await signInAgain(other.email, userPassword)
    await page.getByText('Nothing here yet.').waitFor()
    await page.getByText(other.email).waitFor()
    assert.equal(await page.getByText(/half sent|next\.mp4|of mine/).count(), 0)
    assert.equal(await page.title(), 'Your files – Tapedeck')
    await bucket.letGo()
    await person.pick(up.small('of theirs.mp4'))
    await person.isReady('of theirs.mp4')
    assert.deepEqual(pieces, [])
    assert.deepEqual(
      (await other.list()).map(({ filename }) => filename),
      ['of theirs.mp4'],
    )
    assert.equal(await page.getByText(user.email).count(), 0)
  })

  it('is left without a question where nothing is going on, and else once one has said so again', async () => {
    await open()
    const bucket = await up.holdLaterPieces()
    await person.pick(await up.large('going.mp4', pieceBytes + mebibyte))
    await bucket.has(1)
    const question = page.getByRole('dialog')
    for (const leave of [
      () => page.keyboard.press('Escape'),
      () => question.getByRole('button', { name: 'Go back' }).click(),
    ]) {
      await person.button('Sign out').click()
      await question.getByText('Sign out before this file is uploaded?').waitFor()
      await question.getByText('going.mp4').waitFor()
      await leave()
      await question.waitFor({ state: 'detached' })
      await up.isShown('going.mp4', 'Uploading')
    }
    await person.button('Sign out').click()
    await question.getByRole('button', { name: 'Sign out' }).click()
    await person.button('Sign in').waitFor()
    assert.equal(await page.getByText('going.mp4').count(), 0)
    await person.signIn(user.email, userPassword)
    await up.isShown('going.mp4', 'Upload not finished')
    await person.button('Sign out').click()
    await person.button('Sign in').waitFor()
  })

  it('that has ended can be left for good as well', async () => {
    await open()
    await endTokens()
    await dialog().getByRole('button', { name: 'Sign out' }).click()
    const question = page.getByRole('dialog', { name: 'Sign out before this file is uploaded?' })
    await question.getByRole('button', { name: 'Sign out' }).click()
    await person.button('Sign in').waitFor()
    assert.equal(await page.getByRole('dialog').count(), 0)
    await page.reload()
    await person.button('Sign in').waitFor()
    assert.equal(await page.getByRole('alert').count(), 0)
  })

  it('that has not begun is no place for files: what is dropped is not opened', async () => {
    await open()
    await person.button('Sign out').click()
    await person.button('Sign in').waitFor()
    const dropped = (type: string, data: string): Promise<unknown> =>
      page.evaluate(`(() => {
        const dataTransfer = new DataTransfer()
        ${data}
        const event = new DragEvent('${type}', { dataTransfer, bubbles: true, cancelable: true })
        return !document.querySelector('main').dispatchEvent(event)
      })()`)
    for (const type of ['dragover', 'drop']) {
      assert.equal(await dropped(type, `dataTransfer.items.add(new File(['x'], 'x.mp4'))`), true)
      // A password may be dragged into its field.
      assert.equal(await dropped(type, `dataTransfer.setData('text/plain', 'x')`), false)
    }
  })
})
