import { after, afterEach, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { Client, type JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'
import { launchBrowser } from './browser.ts'
import { startPageServer, type PageServer } from './page-server.ts'
import { Visit } from './visit.ts'

describe('A link to one job, as mails have it', { skip: unavailable, timeout: 120_000 }, () => {
  let pages: PageServer
  let server: TestServer
  let client: Client
  let browser: Browser
  let job: JobView
  let visit: Visit
  let expected: RegExp[]

  before(async () => {
    pages = await startPageServer()
    server = await startServer({ env: { ALLOWED_ORIGINS: pages.origin } })
    await pages.serve(server)
    client = new Client(server)
    browser = await launchBrowser()
    const video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    job = await client.completed((await client.upload({ filename: 'linked.mp4', bytes: video })).id)
  })
  after(async () => {
    await browser?.close()
    pages?.stop()
    await server?.stop()
  })
  afterEach(async () => {
    await visit.end({ origins: [pages.origin, server.apiUrl, server.bucketUrl], expected })
  })

  async function open(id: string): Promise<void> {
    expected = []
    visit = await Visit.begin(browser, `${pages.origin}/#job=${id}`)
    await visit.signIn(server.email, server.password)
    await visit.isSignedIn()
  }

  it('shows it with its details after signing in, and who was told of its end', async () => {
    await open(job.id)
    const entry = visit.entry('linked.mp4')
    await entry.getByText('MP4 to MP3', { exact: true }).waitFor()
    await entry.getByText('E-mail: not sent. No mail server is configured (SMTP_URL).').waitFor()
  })

  it('says of a mail that was interrupted while it was being sent that it does not go out again', async () => {
    await open('')
    const [at, id] = ['2026-01-02T03:04:05.000Z', 'some.mail']
    const delivery = { id, via: 'mail', status: 'SENDING', attempts: 1, createdAt: at, updatedAt: at }
    await visit.page.route(`${server.apiUrl}/status/${job.id}/deliveries`, (route) =>
      route.fulfill({
        json: { deliveries: [delivery] },
        headers: { 'access-control-allow-origin': pages.origin },
      }),
    )
    await visit.button('Details of linked.mp4').click()
    await visit
      .entry('linked.mp4')
      .getByText(/^E-mail: begun .* and interrupted; it may not have gone out, and is not sent twice$/)
      .waitFor()
  })

  it('shows a job that is older than all that the list has shown so far', async () => {
    for (let count = 0; count < 30; count++) {
      const body = JSON.stringify({ filename: `newer-${count}.mp4`, size: 1 })
      const headers = { 'content-type': 'application/json' }
      await client.json('/upload/sessions', { method: 'POST', headers, body }, 201)
    }
    await open(job.id)
    await visit.entry('newer-29.mp4').waitFor()
    await visit.entry('linked.mp4').getByText('MP4 to MP3', { exact: true }).waitFor()
  })

  it('says so where there is no such job', async () => {
    const id = '01990000-0000-7000-8000-000000000000'
    await open(id)
    expected = [/status of 404/]
    await visit.page.getByText(`There is no job "${id}".`).waitFor()
  })
})
