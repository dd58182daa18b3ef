import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Client } from '../client.ts'
import { makeVideo } from '../media.ts'
import { unavailable, type TestServer } from '../server.ts'
import { openPage, type OpenPage } from './open-page.ts'
import type { Visit } from './visit.ts'

const mp4 = 'video/mp4'

describe('The page, where there are quotas', { skip: unavailable, timeout: 120_000 }, () => {
  let opened: OpenPage
  let server: TestServer
  let client: Client
  let person: Visit
  before(async () => {
    opened = await openPage({ QUOTA_JOBS: '1', QUOTA_FILE_BYTES: '1000000' })
    ;({ server, client } = opened)
    person = await opened.visit(`#token=${server.token}`)
    await person.isSignedIn()
  })
  after(async () => {
    try {
      await person?.end([/status of 429/])
    } finally {
      await opened?.close()
    }
  })

  it('lets a file wait while there are too many jobs, says so, and sends it when there is a place', async () => {
    const { job } = await client.openSession({ filename: 'first.mp4', size: 1 })
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

  it('says that a file is too large before a byte of it is sent', async () => {
    const sent: string[] = []
    person.page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()))
    await person.pick({ name: 'large.mp4', mimeType: mp4, buffer: Buffer.alloc(2_000_000) })
    const entry = person.entry('large.mp4')
    await entry.getByText('Not uploaded').waitFor()
    await entry.getByText(/your account may upload files of at most 1 MB\./).waitFor()
    assert.deepEqual(sent, [])
  })
})
