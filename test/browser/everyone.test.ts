import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { userPassword } from '../accounts.ts'
import { unavailable, type TestServer } from '../server.ts'
import { narrow, overflowOf } from './axe.ts'
import { openPage, type OpenPage } from './open-page.ts'
import { visitAs, goTo, longEmail, makeSample, pretendRunning, type Sample } from './sample.ts'
import { phone, type Look, type Visit } from './visit.ts'

async function isTitled(page: Page, title: string): Promise<void> {
  while ((await page.title()) !== title) await delay(25)
}

describe('The page, on any screen and in both languages', { skip: unavailable, timeout: 180_000 }, () => {
  let opened: OpenPage
  let server: TestServer
  let sample: Sample
  let visit: Visit
  let expected: RegExp[] = []

  before(async () => {
    opened = await openPage()
    ;({ server } = opened)
    sample = await makeSample(opened.client)
  })
  after(() => opened?.close())
  afterEach(async () => {
    await visit.end(expected)
    expected = []
  })

  async function open(token?: string, look?: Look): Promise<Page> {
    visit = await visitAs(opened, token, look)
    return visit.page
  }

  for (const [language, locale] of Object.entries({ English: 'en-GB', Korean: 'ko-KR' })) {
    it(`fits on a narrow phone, in ${language}, whatever is how long`, async () => {
      const page = await open(server.token, { locale, viewport: narrow, hasTouch: true, isMobile: true })
      for (const [name, address, isThere] of sample.views) {
        await goTo(page, address)
        await page.locator(isThere).first().waitFor()
        assert.deepEqual(await overflowOf(page), [], name)
      }
      await goTo(page, '')
      const tops = await page.evaluate<number[]>(
        "Array.from(document.querySelectorAll('.brand, .top > select, .top > button'), (each) => { const { top, height } = each.getBoundingClientRect(); return top + height / 2 })",
      )
      assert.ok(
        Math.max(...tops) - Math.min(...tops) < 2,
        `the head is on more than one line: ${tops.join()}`,
      )
      await page.locator('.file .danger').last().click()
      assert.deepEqual(await overflowOf(page), [], 'dialog')
    })
  }

  it('has room for fingers on a phone, and a row’s buttons below its name', async () => {
    const page = await open(server.token, phone)
    const box = page.getByRole('checkbox', { name: 'Select ready.avi' })
    await box.scrollIntoViewIfNeeded()
    const { x = 0, y = 0, width = 0, height = 0 } = (await box.boundingBox()) ?? {}
    for (const [dx, dy] of [
      [-20, 0],
      [20, 0],
      [0, -20],
      [0, 20],
    ] as const) {
      const was = await box.isChecked()
      await page.touchscreen.tap(x + width / 2 + dx, y + height / 2 + dy)
      assert.notEqual(await box.isChecked(), was, `${dx}, ${dy}`)
    }
    const download = await visit.button('Download ready.avi').boundingBox()
    const name = await visit.entry('ready.avi').locator('.name').boundingBox()
    assert.ok(download && name)
    assert.equal(download.x, name.x)
    assert.ok(download.y > name.y)
  })

  it('shows all there is where the system calls its language by what is none', async () => {
    const page = await open(server.token)
    await page.addInitScript(
      "Object.defineProperty(navigator, 'languages', { value: ['en-US@posix', 'en'] })",
    )
    await page.reload()
    for (const [, address, isThere] of sample.views) {
      await goTo(page, address)
      await page.locator(isThere).first().waitFor()
    }
  })

  it('fits on a narrow phone for whoever has a long address', async () => {
    const { email } = sample.beginner
    const page = await open(undefined, { viewport: narrow })
    await page.route(`${server.apiUrl}/auth/me`, async (route) => {
      const response = await route.fetch()
      const account = (await response.json()) as object
      await route.fulfill({ response, json: { ...account, email: longEmail } })
    })
    await page.route(`${server.apiUrl}/auth/me/notifications`, async (route) => {
      const response = await route.fetch()
      const told = (await response.json()) as object
      await route.fulfill({ response, json: { ...told, mail: { enabled: true, address: longEmail } } })
    })
    await visit.signIn(email, userPassword)
    await page.getByText('Nothing here yet.').waitFor()
    for (const width of [360, 700, 1100]) {
      await page.setViewportSize({ width, height: 700 })
      assert.deepEqual(await overflowOf(page), [], `${width}`)
    }
    await goTo(page, 'account')
    await page.getByText(`Mail to ${longEmail}`).waitFor()
    assert.deepEqual(await overflowOf(page), [])
    await page.setViewportSize(narrow)
    assert.deepEqual(await overflowOf(page), [])
  })

  it('shows a hostile name as the text that it is', async () => {
    const name = '<img src=x onerror="document.title=\'owned\'"> & שלום 🎉.mp4'
    const page = await open(sample.beginner.token)
    await visit.pick({ name, mimeType: 'video/x-msvideo', buffer: sample.video })
    const entry = visit.entry(name)
    await visit.isReady(name)
    // Its upload may be shown a moment longer, if the job is over before the answer to the form has come.
    await entry.nth(1).waitFor({ state: 'detached' })
    assert.equal(await entry.locator('bdi').textContent(), name)
    assert.equal(await page.locator('img').count(), 0)
    assert.equal(await page.title(), 'Your files – Tapedeck')
  })

  it('fits on screens of any width, whatever is how long', async () => {
    const page = await open(server.token)
    for (const [name, address, isThere] of sample.views) {
      await goTo(page, address)
      await page.locator(isThere).first().waitFor()
      for (const width of [320, 390, 660, 780, 1280]) {
        await page.setViewportSize({ width, height: 760 })
        assert.deepEqual(await overflowOf(page), [], `${name}, ${width} pixels`)
      }
    }
  })

  it('moves nothing for whoever wants it still', async () => {
    const page = await open(undefined, { reducedMotion: 'reduce' })
    await pretendRunning(page, server)
    await page.route(`${server.apiUrl}/upload`, () => undefined)
    await visit.signIn(server.email, server.password)
    await page.locator('.status', { hasText: 'Making the MP3' }).waitFor()
    await visit.pick({ name: 'on its way.avi', mimeType: 'video/x-msvideo', buffer: sample.video })
    await page.locator('progress').nth(1).waitFor()
    assert.equal(await page.evaluate('document.getAnimations().length'), 0)
  })

  it('speaks the language of the browser, and another one for as long as one wants', async () => {
    const page = await open(undefined, { locale: 'ko-KR' })
    const isIn = (tag: string): Promise<void> =>
      page.locator(`html[lang=${tag}]`).waitFor({ state: 'attached' })
    await isIn('ko')
    await isTitled(page, '로그인 – Tapedeck')
    await page.getByRole('button', { name: '로그인' }).waitFor()
    await page.getByLabel('Language').selectOption('English')
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await isIn('en')
    await page.reload()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    await isIn('en')
    await isTitled(page, 'Sign in – Tapedeck')
  })

  it('follows the address from the moment on at which it is shown', async () => {
    const page = await open(server.token)
    await visit.isSignedIn()
    // Sooner than anybody could click.
    await page.addInitScript(`new MutationObserver((_, observer) => {
      if (document.querySelector('main h2') === null) return
      observer.disconnect()
      location.hash = 'account'
    }).observe(document, { childList: true, subtree: true })`)
    await page.reload()
    await page.getByRole('heading', { level: 2, name: 'Account' }).waitFor()
  })

  it('says in its title where one is', async () => {
    const page = await open(server.token)
    const titles = {
      users: 'Users',
      tiers: 'Storage',
      account: 'Account',
      [`job=${sample.ready.id}`]: 'ready.avi',
    }
    for (const [address, title] of Object.entries(titles)) {
      await goTo(page, address)
      await page.getByRole('heading', { level: 2, name: title }).waitFor()
      await isTitled(page, `${title} – Tapedeck`)
    }
    await page.getByLabel('Language').selectOption('한국어')
    await goTo(page, 'users')
    await isTitled(page, '사용자 – Tapedeck')
  })
})
