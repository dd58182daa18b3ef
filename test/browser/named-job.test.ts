import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Locator } from 'playwright-core'
import type { Client, JobView } from '../client.ts'
import { makeVideo, noVideo } from '../media.ts'
import { unavailable, type TestServer } from '../server.ts'
import { answer, openPage, type OpenPage } from './open-page.ts'
import type { Visit } from './visit.ts'

describe('A link to one job, as mails have it', { skip: unavailable, timeout: 120_000 }, () => {
  let opened: OpenPage
  let server: TestServer
  let client: Client
  let job: JobView
  let visit: Visit
  let expected: RegExp[]

  before(async () => {
    opened = await openPage()
    ;({ server, client } = opened)
    const video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    job = await client.completed((await client.upload({ filename: 'linked.mp4', bytes: video })).id)
  })
  after(() => opened?.close())
  afterEach(() => visit.end(expected))

  async function open(id: string): Promise<void> {
    expected = []
    visit = await opened.visit(`#job=${id}`)
    await visit.signIn(server.email, server.password)
  }

  const main = (): Locator => visit.page.getByRole('main')

  it('shows it with its details after signing in, and who was told of its end', async () => {
    await open(job.id)
    await visit.isOnJob('linked.mp4')
    await main().getByText('MP4 to MP3', { exact: true }).waitFor()
    await main().getByText('E-mail: not sent. The mail server is not set up.').waitFor()
  })

  it('says of a mail that was interrupted while it was being sent that it does not go out again', async () => {
    await open('')
    const [at, id] = ['2026-01-02T03:04:05.000Z', 'some.mail']
    const delivery = { id, via: 'mail', status: 'SENDING', attempts: 1, createdAt: at, updatedAt: at }
    await visit.page.route(`${server.apiUrl}/status/${job.id}/deliveries`, (route) =>
      answer(route, opened, 200, { deliveries: [delivery] }),
    )
    await visit.link('linked.mp4').click()
    await main()
      .getByText(/^E-mail: begun .* and interrupted; it may not have gone out, and is not sent twice$/)
      .waitFor()
  })

  it('shows a job that is older than all that the list has shown so far', async () => {
    for (let count = 0; count < 60; count++)
      await client.openSession({ filename: `newer-${count}.mp4`, size: 1 })
    await open(job.id)
    await visit.isOnJob('linked.mp4')
    await main().getByText('MP4 to MP3', { exact: true }).waitFor()
    await visit.page.getByRole('link', { name: 'All files' }).click()
    await visit.entry('newer-59.mp4').waitFor()
    assert.equal(await visit.entry('linked.mp4').count(), 0)
  })

  it('is at its top, however far the list was scrolled, and back is where the list was left', async () => {
    await open('')
    await visit.entry('newer-59.mp4').waitFor()
    const { page } = visit
    while (!(await visit.entry('linked.mp4').isVisible())) await page.evaluate('scrollBy(0, 500)')
    // A click would do so.
    await visit.link('linked.mp4').scrollIntoViewIfNeeded()
    const left = await page.evaluate<number>('scrollY')
    assert.ok(left > 0)
    await visit.link('linked.mp4').click()
    await visit.isOnJob('linked.mp4')
    await visit.until('scrollY === 0')
    await page.goBack()
    await visit.until(`scrollY === ${left}`)
    await visit.link('linked.mp4').click()
    await page.getByRole('link', { name: 'All files' }).click()
    await visit.until(`scrollY === ${left}`)
  })

  it('says of each end who was told, also where that is not written down yet when it has come', async () => {
    const { id } = await client.upload({ filename: 'no video.avi', bytes: noVideo })
    await client.failed(id)
    await open(id)
    const told = main().getByText(/^E-mail: not sent/)
    await told.waitFor()
    let withheld = 0
    await visit.page.route(`${server.apiUrl}/status/${id}/deliveries`, async (route) => {
      const response = await route.fetch()
      const { deliveries } = (await response.json()) as { deliveries: unknown[] }
      withheld += 1
      return route.fulfill({ response, json: { deliveries: deliveries.slice(withheld === 1 ? -1 : 0) } })
    })
    await client.json(`/status/${id}/retry`, { method: 'POST' }, 202)
    await told.nth(1).waitFor()
    assert.ok(withheld > 1)
  })

  it('says so where there is no such job', async () => {
    const id = '01990000-0000-7000-8000-000000000000'
    await open(id)
    expected = [/status of 404/]
    await visit.page.getByText(`There is no job "${id}".`).waitFor()
  })
})
