import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { signUp, userPassword } from '../accounts.ts'
import { sending } from '../client.ts'
import { noVideo } from '../media.ts'
import { unavailable, type TestServer } from '../server.ts'
import { overflowOf, smallTargets, violationsOf } from './axe.ts'
import { openPage, type OpenPage } from './open-page.ts'
import { visitAs, goTo, longName, makeSample, pretendRunning, type Sample } from './sample.ts'
import { phone, type FilePayload, type Look, type Visit } from './visit.ts'

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
      // What axe looks at hardly depends on the language.
      for (const [name, address, isThere] of locale === 'en-GB' ? sample.views : sample.views.slice(0, 2)) {
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

  it('in files that were sent, are held, interrupted or refused, and in those of a page that was left', async () => {
    const page = await open(server.token)
    await page.getByText('ready.avi').waitFor()
    expected = [/status of 503/, /ERR_CONNECTION_RESET/]
    const headers = {
      'access-control-allow-origin': '*',
      'access-control-expose-headers': 'Retry-After, Range',
    }
    await page.route(`${server.apiUrl}/upload`, (route) =>
      route.fulfill({ status: 503, headers: { ...headers, 'Retry-After': '600' }, json: {} }),
    )
    let pieces = 0
    await page.route(`${server.bucketUrl}/upload/**`, async (route) => {
      if (route.request().method() !== 'PUT') return route.fulfill({ status: 204, headers })
      pieces += 1
      // Of the first one the bucket says that all is there.
      return pieces === 1 ? route.fulfill({ status: 200, headers, json: {} }) : route.abort('connectionreset')
    })
    const large = { mimeType: 'video/x-msvideo', buffer: Buffer.concat([sample.video, Buffer.alloc(9e6)]) }
    await visit.pick({ ...large, name: 'sent.avi' })
    await page.locator('.status', { hasText: 'Uploaded' }).waitFor()
    await visit.pick({ ...large, name: 'interrupted.avi' })
    await page.getByText('Interrupted, trying again').waitFor()
    const small = { mimeType: 'video/x-msvideo', buffer: sample.video }
    const five = (file: Omit<FilePayload, 'name'>, name: string): FilePayload[] =>
      Array.from({ length: 5 }, (_, index) => ({ ...file, name: `${name} ${index}.avi` }))
    await visit.pick(...five(small, 'held'), ...five({ ...small, buffer: noVideo }, 'no video'))
    await page.getByText('5 files are no video').waitFor()
    await page.getByText('The server answered with status 503.').waitFor()
    await page.getByText('Show the 5 files').click()
    assert.deepEqual(await violationsOf(page), [])
    assert.deepEqual(await overflowOf(page), [])
    await visit.button('Cancel all').click()
    await page.getByRole('dialog').waitFor()
    assert.deepEqual(await violationsOf(page, false), [])
    await page.reload()
    await page.getByText('Upload not finished').first().waitFor()
    await page.getByText('5 files were waiting when the page was left').click()
    assert.deepEqual(await violationsOf(page, false), [])
    assert.deepEqual(await overflowOf(page), [])
  })

  it('in the question before something is deleted, and in what is chosen', async () => {
    const page = await open(server.token)
    await page.getByRole('checkbox', { name: 'Select ready.avi' }).check()
    await page.getByRole('button', { name: 'Delete ready.avi' }).click()
    await page.getByRole('dialog').waitFor()
    assert.deepEqual(await violationsOf(page), [])
  })

  it('in the question before one signs out, and in the sign-in over a page whose session has ended', async () => {
    const user = await signUp(opened.client)
    const page = await open(user.token)
    expected = [/status of 401/]
    // It is held back.
    await page.route(`${server.apiUrl}/upload`, () => undefined)
    await visit.pick({ name: longName, mimeType: 'video/x-msvideo', buffer: sample.video })
    await page.getByRole('button', { name: 'Pause all' }).waitFor()
    await visit.button('Sign out').click()
    await page.getByRole('dialog', { name: 'Sign out before' }).waitFor()
    assert.deepEqual(await violationsOf(page, false), [])
    assert.deepEqual(await overflowOf(page), [])
    await page.keyboard.press('Escape')
    const passwords = { currentPassword: userPassword, newPassword: 'another long password' }
    await user.json('/auth/me/password', sending('PUT', passwords))
    await goTo(page, 'account')
    await page.getByRole('dialog', { name: 'Sign in again' }).waitFor()
    assert.deepEqual(await violationsOf(page), [])
    assert.deepEqual(await overflowOf(page), [])
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
