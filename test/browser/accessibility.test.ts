import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { noVideo } from '../media.ts'
import { unavailable, type TestServer } from '../server.ts'
import { overflowOf, smallTargets, violationsOf } from './axe.ts'
import { openPage, type OpenPage } from './open-page.ts'
import { visitAs, goTo, makeSample, pretendRunning, type Sample } from './sample.ts'
import { phone, type Look, type Visit } from './visit.ts'

describe('axe-core finds no fault with the page', { skip: unavailable, timeout: 300_000 }, () => {
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
    it(`in what an administrator sees, in ${language}`, async () => {
      const page = await open(server.token, { locale })
      for (const [name, address, isThere] of sample.views) {
        await goTo(page, address)
        await page.locator(isThere).first().waitFor()
        assert.deepEqual(await violationsOf(page, locale === 'en-GB'), [], name)
      }
    })
  }

  it('in what an administrator sees on a phone, where all is pressed with a finger', async () => {
    const page = await open(server.token, phone)
    assert.ok(await page.evaluate("matchMedia('(pointer: coarse) and (hover: none)').matches"))
    for (const [name, address, isThere] of sample.views) {
      await goTo(page, address)
      await page.locator(isThere).first().waitFor()
      assert.deepEqual(await overflowOf(page), [], name)
      assert.deepEqual(await smallTargets(page), [], name)
    }
  })

  it('in the sign-in, also where it is refused', async () => {
    const page = await open()
    assert.deepEqual(await violationsOf(page), [])
    expected = [/status of 401/]
    await visit.signIn(server.email, 'wrong')
    await page.getByText('There is no account').waitFor()
    assert.deepEqual(await violationsOf(page), [])
  })

  it('where there is nothing yet, and where one may not look', async () => {
    const page = await open(sample.beginner.token)
    await page.getByText('Nothing here yet.').waitFor()
    assert.deepEqual(await violationsOf(page), [])
    await goTo(page, 'users')
    await page.getByText('Only administrators can see this.').waitFor()
    assert.deepEqual(await violationsOf(page), [])
  })

  it('in files on their way here, in every state that there is, and in those being converted', async () => {
    const page = await open()
    expected = [/status of 413/]
    await pretendRunning(page, server)
    let asked = 0
    await page.route(`${server.apiUrl}/upload`, async (route) => {
      asked += 1
      const headers = {
        'access-control-allow-origin': opened.origin,
        'access-control-expose-headers': 'Retry-After',
      }
      // The others are held back.
      if (asked === 1) await route.fulfill({ status: 413, headers, json: { code: 'FILE_TOO_LARGE' } })
    })
    await visit.signIn(server.email, server.password)
    await page.locator('.status', { hasText: 'Making the MP3' }).waitFor()
    const choosing = page.waitForEvent('filechooser')
    await visit.button('Choose files').click()
    const file = { mimeType: 'video/x-msvideo', buffer: sample.video }
    const videos = Array.from({ length: 9 }, (_, index) => ({ ...file, name: `video ${index}.avi` }))
    await (await choosing).setFiles([...videos, { ...file, name: 'no video.avi', buffer: noVideo }])
    await page.getByText('This is no video').waitFor()
    await page.getByText('Upload failed').waitFor()
    await page
      .getByRole('button', { name: /^Pause video/ })
      .first()
      .click()
    await page.getByRole('button', { name: /^Resume video/ }).waitFor()
    await page.locator('.waiting summary').click()
    assert.deepEqual(await violationsOf(page), [])
    assert.deepEqual(await overflowOf(page), [])
  })

  it('in the question before something is deleted, and in what is chosen', async () => {
    const page = await open(server.token)
    await page.getByRole('checkbox', { name: 'Select ready.avi' }).check()
    await page.getByRole('button', { name: 'Delete ready.avi' }).click()
    await page.getByRole('dialog').waitFor()
    assert.deepEqual(await violationsOf(page), [])
  })

  it('where the connection is lost, and where something cannot be loaded', async () => {
    const page = await open()
    expected = [/ERR_FAILED/, /status of 401/]
    await page.route(/\/(status|auth\/users|levels)/, (route) => route.abort())
    await visit.signIn(server.email, server.password)
    await page.getByText('The connection is lost').waitFor()
    assert.deepEqual(await violationsOf(page), [])
    for (const address of ['users', 'tiers']) {
      await goTo(page, address)
      await page.getByRole('button', { name: 'Try again' }).waitFor()
      assert.deepEqual(await violationsOf(page), [])
    }
  })

  it('in levels that are wrong', async () => {
    const page = await open(server.token)
    await goTo(page, 'tiers')
    await page.getByLabel('Name: gold').fill('Gold!')
    await page.getByLabel('Count from: silver').fill('999')
    await page.locator('.mistake').nth(1).waitFor()
    assert.deepEqual(await violationsOf(page), [])
  })

  it('in the limits of an account, where one of them is wrong', async () => {
    const page = await open(server.token)
    await goTo(page, 'users')
    await visit.button(`Limits of ${sample.beginner.email}`).click()
    await page.getByRole('combobox', { name: 'Storage', exact: true }).selectOption('At most')
    await page.locator('.mistake').waitFor()
    assert.deepEqual(await violationsOf(page), [])
  })
})
