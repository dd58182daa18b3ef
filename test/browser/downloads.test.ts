import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Page, Route } from 'playwright-core'
import type { User } from '../accounts.ts'
import { unavailable } from '../server.ts'
import { Uploading } from './uploading.ts'
import type { Visit } from './visit.ts'

const refused = 'The download did not begin: the file is not there, or cannot be reached. Try again.'

describe('A download while a file is on its way here', { skip: unavailable, timeout: 120_000 }, () => {
  let uploading: Uploading
  let user: User
  let person: Visit
  let page: Page
  let letGo: () => Promise<void>
  let target: string

  before(async () => {
    uploading = await Uploading.start()
    target = `${uploading.opened.server.bucketUrl}/target/**`
  })
  after(() => uploading?.stop())
  afterEach(() => uploading.endVisit())

  async function begin(): Promise<void> {
    ;({ user, person, page } = await uploading.visit())
    await user.completed((await user.upload({ filename: 'song.mp4', bytes: uploading.video })).id)
    await person.isReady('song.mp4')
    const held = await uploading.holdBack(`${uploading.opened.server.apiUrl}/upload`, () => true)
    await person.pick(uploading.small('next.mp4'))
    await held.has(1)
    letGo = () => held.letGo()
    // Gone with the page, if that were left.
    await page.evaluate('void (window.isSamePage = true)')
  }

  async function goesOn(): Promise<void> {
    assert.equal(await page.evaluate('window.isSamePage'), true)
    await letGo()
    await person.isReady('next.mp4')
  }

  it('arrives byte for byte, and leaves no trace in the page', async () => {
    await begin()
    const downloading = page.waitForEvent('download')
    await person.button('Download song.mp4').click()
    const download = await downloading
    assert.equal(download.suggestedFilename(), 'song.mp3')
    const job = (await user.list()).find(({ filename }) => filename === 'song.mp4')
    assert.deepEqual(await readFile(await download.path()), await user.mp3(job?.id ?? ''))
    assert.equal(await page.getByText(refused).count(), 0)
    assert.ok(
      await page.evaluate<boolean>("!dispatchEvent(new Event('beforeunload', { cancelable: true }))"),
      'the browser would not ask before the page is left',
    )
    await goesOn()
  })

  const failures: Record<string, (route: Route) => Promise<void>> = {
    'the address holds no more': (route) =>
      route.continue({
        url: route
          .request()
          .url()
          .replace(/Signature=\w{4}/, 'Signature=beef'),
      }),
    'the connection is lost': (route) => route.abort(),
  }
  for (const [name, fail] of Object.entries(failures))
    it(`is told to have failed where ${name}, and the page stays with its upload`, async () => {
      await begin()
      uploading.expected = [/status of 403/, /ERR_FAILED/]
      await page.route(target, fail)
      await person.button('Download song.mp4').click()
      await person.entry('song.mp4').getByText(refused).waitFor()
      assert.equal(await page.locator('iframe').count(), 0)
      await page.unroute(target)
      const downloading = page.waitForEvent('download')
      await person.button('Download song.mp4').click()
      await downloading
      assert.equal(await page.getByText(refused).count(), 0)
      await goesOn()
    })
})
