import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { signUp } from '../../accounts.ts'
import { openPage, type OpenPage } from '../../browser/open-page.ts'
import { goTo, visitAs } from '../../browser/sample.ts'
import type { Visit } from '../../browser/visit.ts'
import { sending, type JobView } from '../../client.ts'
import { makeVideo, noVideo } from '../../media.ts'
import { settingsPath } from '../../notifications.ts'
import { unavailable } from '../../server.ts'

/** What each of these would do, if anything took it for more than text. */
const mark = 'window.hacked=1'
const payloads = [
  `<img src=x onerror="${mark}">`,
  `"><svg onload=${mark}>`,
  `'><iframe srcdoc='<script>${mark}'>`,
  `javascript:${mark}`,
  `\${${mark}}{{constructor.constructor('${mark}')()}}`,
  `<style>*{background:url(x)}`,
  `&lt;b&gt;&#x3c;script&#x3e;${mark}`,
]
const nameOf = (payload: string): string => `${payload}.avi`

describe('Text that would be code on the page', { skip: unavailable, timeout: 180_000 }, () => {
  let opened: OpenPage
  let visit: Visit
  let ready: JobView
  let failed: JobView
  const email = `"><img/src=x/onerror=${mark}>@example.com`
  const url = `https://hooks.example.com/?"><img/src=x/onerror=${mark}>'`
  const dialogs: string[] = []
  before(async () => {
    opened = await openPage()
    const { client } = opened
    for (const payload of payloads) await client.openSession({ filename: nameOf(payload), size: 1 })
    const bytes = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
    ready = await client.upload({ filename: `ready ${payloads[0]}.avi`, bytes })
    failed = await client.upload({ filename: `failed ${payloads[1]}.avi`, bytes: noVideo })
    await client.completed(ready.id)
    await client.failed(failed.id)
    await signUp(client, email)
    await client.json(settingsPath, sending('PUT', { webhooks: [{ url }] }))
    visit = await visitAs(opened, opened.server.token)
    visit.page.on('dialog', (dialog) => {
      dialogs.push(dialog.message())
      void dialog.dismiss()
    })
  })
  after(async () => {
    await visit?.end([/status of (404|409|422)/])
    await opened?.close()
  })

  /** That nothing of it was run; what it would have made is not there either. */
  async function nothingRan(): Promise<void> {
    const { page } = visit
    assert.equal(await page.evaluate('window.hacked'), undefined)
    assert.equal(
      await page.locator('img, iframe, [onload], [onerror], [srcdoc], script:not([src])').count(),
      0,
    )
    assert.deepEqual(dialogs, [])
  }
  const isShown = (text: string): Promise<void> =>
    visit.page.getByText(text, { exact: true }).first().waitFor()

  it('is shown in the list as it is', async () => {
    for (const payload of payloads) await isShown(nameOf(payload))
    await nothingRan()
  })

  it('is shown where it is searched for', async () => {
    const search = visit.page.getByRole('searchbox')
    for (const payload of payloads) {
      await search.fill(payload)
      await isShown(nameOf(payload))
    }
    await search.fill('')
    await isShown(ready.filename)
    await nothingRan()
  })

  it('is shown on the pages of jobs, and asked about before they are deleted', async () => {
    for (const { id, filename } of [ready, failed]) {
      await goTo(visit.page, `job=${id}`)
      await visit.isOnJob(filename)
      await visit.button('Delete').click()
      await visit.page.getByRole('dialog').getByText(filename).first().waitFor()
      await nothingRan()
      await visit.page.keyboard.press('Escape')
    }
  })

  it('is shown among the accounts, and in what is wrong with a new one', async () => {
    const { page } = visit
    await goTo(page, 'users')
    await isShown(email)
    await page.getByLabel('Password').fill('battery staple')
    // Browsers refuse such an address by themselves, which others need not.
    await page
      .locator('form')
      .first()
      .evaluate((form) => form.setAttribute('novalidate', ''))
    await page.getByLabel('E-mail').fill(email)
    await visit.button('Create').click()
    await page.getByRole('alert').getByText(email).waitFor()
    await nothingRan()
  })

  it('is shown among the webhooks, and in what is wrong with a new one', async () => {
    const { page } = visit
    await goTo(page, 'account')
    await isShown(new URL(url).href)
    await page.locator('input[type=url]').fill(`javascript:${mark}//"><svg onload=${mark}>`)
    await visit.button('Add').click()
    await page.getByRole('alert').first().waitFor()
    await nothingRan()
  })

  it('is shown among the levels while it is typed', async () => {
    const { page } = visit
    await goTo(page, 'tiers')
    const field = page.getByLabel(/^Name: /).first()
    const before = await field.inputValue()
    for (const payload of payloads) {
      await field.fill(payload)
      await page.locator('.mistake').first().waitFor()
    }
    await nothingRan()
    // What is typed is not left without a question.
    await field.fill(before)
  })

  it('does nothing in the address either', async () => {
    const { page } = visit
    for (const payload of payloads) {
      for (const address of [payload, `job=${payload}`, `job=${encodeURIComponent(payload)}`])
        await goTo(page, address)
      await nothingRan()
    }
    await page.getByRole('alert').or(page.getByRole('heading')).first().waitFor()
  })

  it('is uploaded under its name', async () => {
    const { page } = visit
    await goTo(page, '')
    const name = `picked ${payloads[0]}.avi`
    await visit.pick({ name, mimeType: 'video/mp4', buffer: Buffer.from('no video') })
    await isShown(name)
    await nothingRan()
  })
})
