import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { Client, type JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, type TestServer } from '../server.ts'
import { launchBrowser } from './browser.ts'
import { startPageServer, type PageServer } from './page-server.ts'
import { Visit } from './visit.ts'

const mp4 = 'video/mp4'

describe('The page, where there are quotas', { timeout: 120_000 }, () => {
  let pages: PageServer
  let server: TestServer
  let client: Client
  let browser: Browser
  let person: Visit
  before(async () => {
    pages = await startPageServer()
    server = await startServer({
      env: { ALLOWED_ORIGINS: pages.origin, QUOTA_JOBS: '1', QUOTA_FILE_BYTES: '1000000' },
    })
    await pages.serve(server)
    client = new Client(server)
    browser = await launchBrowser()
    person = await Visit.begin(browser, `${pages.origin}/#token=${server.token}`)
    await person.isSignedIn()
  })
  after(async () => {
    await person?.end({
      origins: [pages.origin, server.apiUrl, server.bucketUrl],
      expected: [/status of 413/, /status of 429/],
    })
    await browser?.close()
    pages?.stop()
    await server?.stop()
  })

  it('lets a file wait while there are too many jobs, says so, and sends it when there is a place', async () => {
    const session = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ filename: 'first.mp4', size: 1 }),
    }
    const { job } = await client.json<{ job: JobView }>('/upload/sessions', session, 201)
    let refusals = 0
    await person.page.route(`${server.apiUrl}/upload`, async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      const response = await route.fetch()
      if (response.status() === 429) refusals += 1
      // Nobody wants to wait as long as the server says.
      return route.fulfill({ response, headers: { ...response.headers(), 'retry-after': '1' } })
    })
    const video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    await person.pick({ name: 'second.mp4', mimeType: mp4, buffer: video })
    await person.page.getByText('1 file is waiting to be uploaded').waitFor()
    await person.page.getByText('This account has 1 unfinished job, and may have 1 at once.').waitFor()
    await client.fetch(`/status/${job.id}`, { method: 'DELETE' })
    await person.isReady('second.mp4')
    assert.ok(refusals >= 1)
  })

  it('says at once that a file is too large', async () => {
    await person.pick({ name: 'large.mp4', mimeType: mp4, buffer: Buffer.alloc(2_000_000) })
    const entry = person.entry('large.mp4')
    await entry.getByText('Upload failed').waitFor()
    await entry.getByText(/your account may upload files of at most 1 MB\./).waitFor()
  })
})
