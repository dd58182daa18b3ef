import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
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
  let at: Focused | null
  do at = await focused(page)
  while (!pattern.test(at?.name ?? '') && performance.now() < deadline)
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
