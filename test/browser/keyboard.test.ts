import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { signUp, type User } from '../accounts.ts'
import { makeVideo } from '../media.ts'
import { unavailable, type TestServer } from '../server.ts'
import { openPage, type OpenPage } from './open-page.ts'
import type { Visit } from './visit.ts'

interface Focused {
  /** How it is called. */
  name: string
  isVisible: boolean
}

const focused = (page: Page): Promise<Focused | null> =>
  page.evaluate<Focused | null>(`(() => {
    const element = document.activeElement
    if (element === document.body) return null
    const { outlineStyle, outlineWidth } = getComputedStyle(element)
    const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent
    return { name: name.trim(), isVisible: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 }
  })()`)

/** Goes on with the Tab key; wherever it comes by, one can see where it is. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = []
  for (let count = 0; count < 60; count++) {
    await page.keyboard.press('Tab')
    const at = await focused(page)
    if (!at) continue
    assert.ok(at.isVisible, `the focus on ${at.name} cannot be seen`)
    if (at.name === name) return
    passed.push(at.name)
  }
  assert.fail(`${name} is not among ${passed.join(', ')}`)
}

async function isFocused(page: Page, name: string | RegExp): Promise<void> {
  const pattern = typeof name === 'string' ? new RegExp(`^${name}$`) : name
  const deadline = performance.now() + 20_000
  let at = await focused(page)
  for (; !pattern.test(at?.name ?? '') && performance.now() < deadline; at = await focused(page))
    await delay(25)
  assert.match(at?.name ?? '', pattern)
}

describe('The page, by keyboard alone', { skip: unavailable, timeout: 180_000 }, () => {
  let opened: OpenPage
  let server: TestServer
  let visit: Visit
  before(async () => {
    opened = await openPage()
    ;({ server } = opened)
  })
  after(() => opened?.close())
  afterEach(() => visit.end())

  async function openSignedIn(): Promise<Page> {
    visit = await opened.visit(`#token=${server.token}`)
    await visit.isSignedIn()
    await visit.page.getByRole('link', { name: 'Users' }).waitFor()
    return visit.page
  }

  it('leads from the sign-in to a download and to a deletion', async () => {
    const bytes = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    await opened.client.completed((await opened.client.upload({ filename: 'song.mp4', bytes })).id)
    visit = await opened.visit('')
    const { page } = visit
    const { keyboard } = page
    await isFocused(page, 'E-mail')
    await keyboard.type(server.email)
    await keyboard.press('Tab')
    await keyboard.type(server.password)
    await keyboard.press('Enter')
    await visit.isReady('song.mp4')
    await isFocused(page, 'Your files')

    await tabTo(page, 'Download song.mp4')
    const downloading = page.waitForEvent('download')
    await keyboard.press('Enter')
    assert.equal((await downloading).suggestedFilename(), 'song.mp3')
    await isFocused(page, /song\.mp4$/)

    await tabTo(page, 'Delete song.mp4')
    await keyboard.press('Enter')
    await isFocused(page, 'Keep')
    await keyboard.press('Escape')
    await page.locator('dialog').waitFor({ state: 'detached' })
    await isFocused(page, 'Delete song.mp4')
    await keyboard.press('Enter')
    await isFocused(page, 'Keep')
    await tabTo(page, 'Delete')
    await keyboard.press('Enter')
    await visit.entry('song.mp4').waitFor({ state: 'detached' })
    await isFocused(page, 'Your files')
  })

  describe('in the list', () => {
    let user: User
    before(async () => {
      user = await signUp(opened.client)
    })

    /** So many files that only some of them are in the document, the newest first. */
    async function openList(count: number): Promise<Page> {
      for (let number = 1; number <= count; number++)
        await user.openSession({ filename: `${number}.mp4`, size: 1 })
      visit = await opened.visit(`#token=${user.token}`, { viewport: { width: 800, height: 400 } })
      await visit.entry(`${count}.mp4`).waitFor()
      return visit.page
    }
    async function empty(): Promise<void> {
      for (const { id } of await user.list()) await user.fetch(`/status/${id}`, { method: 'DELETE' })
    }
    async function remove(page: Page, name: string): Promise<void> {
      await page.getByRole('button', { name: `Delete ${name}` }).focus()
      await page.keyboard.press('Enter')
      await isFocused(page, 'Keep')
      await tabTo(page, 'Delete')
      await page.keyboard.press('Enter')
    }
    afterEach(empty)

    it('goes on to the next file where one is deleted, else to the one before, and never elsewhere', async () => {
      const page = await openList(3)
      await remove(page, '2.mp4')
      await isFocused(page, '1.mp4')
      await remove(page, '1.mp4')
      await isFocused(page, '3.mp4')
      await remove(page, '3.mp4')
      await isFocused(page, 'Your files')
    })

    it('stays where it has been put while something was being deleted', async () => {
      const page = await openList(2)
      const answer = Promise.withResolvers<void>()
      await page.route(`${server.apiUrl}/status/*`, async (route) => {
        if (route.request().method() === 'DELETE') await answer.promise
        await route.continue()
      })
      await remove(page, '2.mp4')
      await page.getByRole('searchbox').focus()
      await page.keyboard.type('1')
      await page.keyboard.press('Backspace')
      answer.resolve()
      await visit.entry('2.mp4').waitFor({ state: 'detached' })
      await page.keyboard.type('mp')
      await visit.until(`document.activeElement.value === 'mp'`)
    })

    it('stays on a file that is scrolled far away, and goes on from there once that is deleted', async () => {
      const page = await openList(45)
      await page.getByRole('link', { name: '44.mp4', exact: true }).focus()
      await page.evaluate('scrollTo(0, document.body.scrollHeight)')
      await visit.entry('1.mp4').waitFor()
      await visit.entry('40.mp4').waitFor({ state: 'detached' })
      await isFocused(page, '44.mp4')
      const left = await page.evaluate<number>('scrollY')
      const [deleted] = await user.list('filename=44')
      await user.fetch(`/status/${deleted?.id}`, { method: 'DELETE' })
      await isFocused(page, '43.mp4')
      // As far from the end, which has come closer.
      assert.ok((await page.evaluate<number>('scrollY')) > left - 200)
    })

    it('is asked about a file whose row goes out of sight by those that come', async () => {
      const page = await openList(1)
      await page.getByRole('button', { name: 'Delete 1.mp4' }).focus()
      await page.keyboard.press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Delete this file?' })
      await dialog.waitFor()
      for (let number = 2; number <= 40; number++)
        await user.openSession({ filename: `${number}.mp4`, size: 1 })
      await visit.until(`document.querySelector('.virtual > li')?.ariaSetSize === '40'`)
      await isFocused(page, 'Keep')
      await tabTo(page, 'Delete')
      await page.keyboard.press('Enter')
      await visit.until(`document.querySelector('.virtual > li')?.ariaSetSize === '39'`)
      await isFocused(page, '2.mp4')
    })
  })

  it('puts the focus on the heading of another section, but not after a load', async () => {
    const page = await openSignedIn()
    assert.equal(await focused(page), null)
    for (const name of ['Storage', 'Users', 'Account']) {
      await page.evaluate('document.activeElement.blur()')
      await tabTo(page, name)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 2, name }).waitFor()
      // The link has the same name.
      await page.locator('h2:focus').waitFor()
    }
    await page.reload()
    await page.getByRole('heading', { level: 2, name: 'Account' }).waitFor()
    assert.equal(await focused(page), null)
  })

  it('changes the language, and stays in the menu', async () => {
    visit = await opened.visit('')
    const { page } = visit
    await isFocused(page, 'E-mail')
    await tabTo(page, 'Language / 언어')
    await page.keyboard.press('ArrowDown')
    await page.getByRole('button', { name: '로그인' }).waitFor()
    await page.locator('select.language:focus').waitFor()
    await page.keyboard.press('ArrowUp')
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
  })

  it('changes the levels, and never loses the focus', async () => {
    const page = await openSignedIn()
    await page.evaluate(`location.hash = 'tiers'`)
    await page.locator('h2:focus').waitFor()
    await tabTo(page, 'Count to: bronze')
    await page.keyboard.type('500')
    await page.getByText('Must be 501').waitFor()
    await tabTo(page, 'Undo changes')
    await page.keyboard.press('Enter')
    await isFocused(page, 'Save')
    await tabTo(page, 'Add a level')
    await page.keyboard.press('Enter')
    await page.locator('.levels tbody tr').nth(3).waitFor()
    await isFocused(page, 'Name: new level')
    await page.keyboard.type('platinum')
    await page.keyboard.press('Enter')
    await page.getByText('Saved.').waitFor()
    await isFocused(page, 'Name: platinum')
    await tabTo(page, 'Remove platinum')
    await page.keyboard.press('Enter')
    await page.locator('.levels tbody tr').nth(3).waitFor({ state: 'detached' })
    await isFocused(page, 'Name: bronze')
    await tabTo(page, 'Save')
    await page.keyboard.press('Enter')
    await page.getByText('Saved.').waitFor()
    await isFocused(page, 'Save')
  })
})
