import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it, type TestContext } from 'node:test'
import type { Locator } from 'playwright-core'
import { signUp, type User } from '../accounts.ts'
import type { Client, JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { unavailable } from '../server.ts'
import { openPage, type OpenPage } from './open-page.ts'
import type { Visit } from './visit.ts'

describe("An administrator's files", { skip: unavailable, timeout: 120_000 }, () => {
  let opened: OpenPage
  let video: Buffer<ArrayBuffer>
  let anna: User
  let hers: JobView
  let visit: Visit
  let expected: RegExp[]

  before(async () => {
    opened = await openPage()
    video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    anna = await signUp(opened.client, 'anna@example.com')
    const [mine] = await Promise.all([
      opened.client.upload({ filename: 'mine.mp4', bytes: video }),
      anna.upload({ filename: 'hers.mp4', bytes: video }).then((job) => (hers = job)),
    ])
    await Promise.all([opened.client.completed(mine.id), anna.completed(hers.id)])
  })
  after(() => opened?.close())
  afterEach(() => visit.end(expected))

  async function open(token: string, locale = 'en-GB'): Promise<void> {
    expected = []
    visit = await opened.visit(`#token=${token}`, { locale })
    await visit.page.locator('#files').waitFor()
  }
  const everybodys = (name = "Everybody's files"): Locator => visit.page.getByRole('switch', { name })

  /** Deletes it once the test is over, however that ends. */
  const removeAfter = (t: TestContext, owner: Client, { id }: { id: string }): void =>
    t.after(() => owner.fetch(`/status/${id}`, { method: 'DELETE' }))

  it('are their own, of which alone they are told', async (t) => {
    await open(opened.server.token)
    await visit.isReady('mine.mp4')
    await visit.isSignedIn()
    await everybodys().waitFor()
    const theirs = await anna.upload({ filename: 'another of hers.mp4', bytes: video })
    removeAfter(t, anna, theirs)
    await anna.completed(theirs.id)
    const own = await opened.client.upload({ filename: 'another of mine.mp4', bytes: video })
    removeAfter(t, opened.client, own)
    await visit.isReady('another of mine.mp4')
    for (const name of ['hers.mp4', 'another of hers.mp4']) assert.equal(await visit.entry(name).count(), 0)
  })

  it("are everybody's by a switch, each with its owner, whom a deletion names too", async () => {
    await open(opened.server.token)
    await everybodys().check()
    await visit.page.getByRole('heading', { name: "Everybody's files" }).waitFor()
    await visit.entry('hers.mp4').getByText('anna@example.com').waitFor()
    await visit.entry('mine.mp4').getByText(opened.server.email).waitFor()
    await visit.button('Delete hers.mp4').click()
    const dialog = visit.page.getByRole('dialog')
    await dialog.getByText('anna@example.com').waitFor()
    await dialog.getByRole('button', { name: 'Keep' }).click()
    await visit.page.getByRole('checkbox', { name: 'Select all' }).check()
    await visit.button('Delete 2').click()
    for (const email of ['anna@example.com', opened.server.email]) await dialog.getByText(email).waitFor()
    await dialog.getByRole('button', { name: 'Keep' }).click()
    // What is to be seen is kept for whoever comes back from a file's page.
    await visit.link('hers.mp4').click()
    await visit.isOnJob('hers.mp4')
    await visit.page.goBack()
    await visit.entry('hers.mp4').waitFor()
    assert.ok(await everybodys().isChecked())
    await everybodys().uncheck()
    await visit.entry('hers.mp4').waitFor({ state: 'detached' })
    await visit.isReady('mine.mp4')
  })

  it('have owners even where nobody tells how they are called', async () => {
    await open(opened.server.token)
    expected = [/ERR_FAILED/]
    await visit.page.route(/\/auth\/users/, (route) => route.abort())
    await everybodys().check()
    await visit
      .entry('hers.mp4')
      .getByText(`${hers.owner.slice(0, 8)}…`)
      .waitFor()
  })

  it("have a page each, somebody else's too, which goes on without being among one's own", async (t) => {
    const { job, uploadUrl } = await anna.openSession({ filename: 'live.mp4', size: video.length })
    removeAfter(t, anna, job)
    await open(opened.server.token)
    await visit.isReady('mine.mp4')
    await visit.page.evaluate(`location.hash = 'job=${job.id}'`)
    await visit.isOnJob('live.mp4')
    await fetch(uploadUrl, { method: 'PUT', body: video })
    await visit.page.getByRole('status').getByText('Ready', { exact: true }).waitFor()
    await visit.page.goBack()
    await visit.isReady('mine.mp4')
    assert.equal(await visit.entry('live.mp4').count(), 0)
  })

  it("cannot be everybody's for anybody else", async () => {
    await open(anna.token)
    await visit.isReady('hers.mp4')
    await visit.page.getByText(anna.email).first().waitFor()
    assert.equal(await everybodys().count(), 0)
  })

  it('are switched in Korean, too', async () => {
    await open(opened.server.token, 'ko-KR')
    await everybodys('모든 사용자의 파일').check()
    await visit.page.getByRole('heading', { name: '모든 사용자의 파일' }).waitFor()
    await visit.entry('hers.mp4').getByText('anna@example.com').waitFor()
  })
})
