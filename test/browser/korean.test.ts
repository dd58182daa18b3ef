import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { signUp } from '../accounts.ts'
import { sending } from '../client.ts'
import { makeVideo } from '../media.ts'
import { unavailable } from '../server.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../webhook-receiver.ts'
import { openPage, type OpenPage } from './open-page.ts'
import { goTo, makeSample, visitAs, type Sample } from './sample.ts'
import type { Visit } from './visit.ts'

/** What is said in English: three words of it in a row, read or seen, that are not marked as English. No name here has any. */
const english = (page: Page): Promise<string[]> =>
  page.evaluate<string[]>(`(() => {
    const said = []
    const all = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
    while (all.nextNode()) {
      const { currentNode: node } = all
      const element = node instanceof Element ? node : node.parentElement
      if (element.closest('body [lang="en"], script, noscript')) continue
      if (node === element)
        for (const name of ['aria-label', 'aria-valuetext', 'placeholder', 'title']) said.push(element.getAttribute(name) ?? '')
      else said.push(node.data)
    }
    return [document.title, ...said].filter((text) => /[a-z']{2,} [a-z']{2,} [a-z']{2,}/i.test(text))
  })()`)

describe('The page in Korean says nothing in English', { skip: unavailable, timeout: 120_000 }, () => {
  let opened: OpenPage
  let receiver: WebhookReceiver
  let sample: Sample
  let visit: Visit
  let expected: RegExp[] = []

  before(async () => {
    receiver = await startWebhookReceiver((_, res) => res.writeHead(503).end())
    opened = await openPage({ WEBHOOK_ALLOW_PRIVATE: '1' })
    sample = await makeSample(opened.client)
  })
  after(async () => {
    await opened?.close()
    await receiver?.close()
  })
  afterEach(async () => {
    await visit.end(expected)
    expected = []
  })

  async function open(token?: string, locale = 'ko-KR'): Promise<Page> {
    visit = await visitAs(opened, token, { locale })
    return visit.page
  }

  it('(and what does would be found)', async () => {
    const page = await open(opened.server.token, 'en-GB')
    for (const [name, address, isThere] of sample.views) {
      await goTo(page, address)
      await page.locator(isThere).first().waitFor()
      assert.notDeepEqual(await english(page), [], name)
    }
  })

  it('in what an administrator sees', async () => {
    const page = await open(opened.server.token)
    for (const [name, address, isThere] of sample.views) {
      await goTo(page, address)
      await page.locator(isThere).first().waitFor()
      // Whom its end was told comes a little later.
      if (address.startsWith('job=')) await page.getByText('메일 서버가 설정되어 있지 않습니다.').waitFor()
      assert.deepEqual(await english(page), [], name)
    }
  })

  it('in what became of a test, of which some is known in English only', async () => {
    const ann = await signUp(opened.client, 'ann@localhost')
    await ann.json('/auth/me/notifications', sending('PUT', { webhooks: [{ url: receiver.url }] }))
    const page = await open(ann.token)
    await goTo(page, 'account')
    await page.getByText('메일을 받을 수 없는 주소입니다.').waitFor()
    await visit.button(`시험 전송: ${new URL(receiver.url).href}`).click()
    const told = page.getByRole('listitem').filter({ hasText: '오류로 응답했습니다.' })
    await told.locator('[lang="en"]', { hasText: 'It answered 503.' }).waitFor()
    assert.deepEqual(await english(page), [])
  })

  it('in a job whose MP4 could not be made, but for the reason', async () => {
    const bytes = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], video: ['huffyuv'], seconds: 1 })
    const { id } = await opened.client.completed(
      (await opened.client.upload({ filename: 'dark.avi', bytes })).id,
    )
    const page = await open(opened.server.token)
    await goTo(page, `job=${id}`)
    await page.getByText('MP4 없음:').waitFor()
    await page.locator('.details [lang="en"]', { hasText: 'MP4 cannot hold this video as it is' }).waitFor()
    assert.deepEqual(await english(page), [])
  })

  it('in what is asked before something is deleted, and in limits and levels that are wrong', async () => {
    const page = await open(opened.server.token)
    await page.getByRole('button', { name: 'ready.avi 삭제' }).click()
    await page.getByRole('dialog').waitFor()
    assert.deepEqual(await english(page), [])
    await page.keyboard.press('Escape')
    await goTo(page, 'users')
    await visit.button(`${sample.beginner.email} 한도`).click()
    await page.getByRole('dialog').locator('select').first().selectOption({ index: 2 })
    await page.locator('.mistake').waitFor()
    assert.deepEqual(await english(page), [])
    await page.keyboard.press('Escape')
    await goTo(page, 'tiers')
    await page.getByLabel('이름: gold').fill('Gold!')
    await page.locator('.mistake').waitFor()
    assert.deepEqual(await english(page), [])
  })

  it('in the sign-in, also where it is refused, and in what a server says that knows no codes', async () => {
    expected = [/status of (401|502)/]
    const page = await open()
    assert.deepEqual(await english(page), [])
    await page.locator('[name=email]').fill(opened.server.email)
    await page.locator('[name=password]').fill('wrong')
    await visit.button('로그인').click()
    await page.getByText('이메일 또는 비밀번호가 올바르지 않습니다.').waitFor()
    assert.deepEqual(await english(page), [])
    const headers = { 'access-control-allow-origin': opened.origin }
    await page.route('**/auth/login', (route) => route.fulfill({ status: 502, headers, body: 'Bad gateway' }))
    await visit.button('로그인').click()
    await page.getByText('서버가 알 수 없는 응답을 보냈습니다(상태 코드 502).').waitFor()
    assert.deepEqual(await english(page), [])
  })

  it('in what it says where it cannot start', async () => {
    expected = [/status of 404/]
    const page = await open()
    await page.route('**/config.json', (route) => route.fulfill({ status: 404, body: 'not here' }))
    await page.reload()
    await page.getByText('설정 파일(config.json)을 읽을 수 없습니다.').waitFor()
    assert.deepEqual(await english(page), [])
  })

  it('where there is nothing yet, and where one may not look', async () => {
    const page = await open(sample.beginner.token)
    await page.locator('.placeholder').waitFor()
    assert.deepEqual(await english(page), [])
    await goTo(page, 'users')
    await page.getByText('관리자만 볼 수 있습니다.').waitFor()
    assert.deepEqual(await english(page), [])
  })
})
