import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Locator } from 'playwright-core'
import { signUp, type User } from '../accounts.ts'
import type { JobView } from '../client.ts'
import { makeVideo, noVideo } from '../media.ts'
import { unavailable } from '../server.ts'
import { answer, openPage, type OpenPage } from './open-page.ts'
import type { Visit } from './visit.ts'

describe('The list of jobs', { skip: unavailable, timeout: 180_000 }, () => {
  let opened: OpenPage
  let video: Buffer<ArrayBuffer>
  /** Each test's own: nobody else's files are in the list. */
  let user: User
  let visit: Visit
  let expected: RegExp[]

  before(async () => {
    opened = await openPage()
    video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
  })
  after(() => opened?.close())
  beforeEach(async () => {
    user = await signUp(opened.client)
    expected = []
  })
  afterEach(() => visit.end(expected))

  async function open(locale = 'en-GB'): Promise<void> {
    visit = await opened.visit(`#token=${user.token}`, { locale })
    await visit.page.locator('#files').waitFor()
  }

  const upload = (filename: string): Promise<JobView> => user.upload({ filename, bytes: video })
  async function fail(filename: string): Promise<JobView> {
    return user.failed((await user.upload({ filename, bytes: noVideo })).id)
  }

  const checkbox = (name: string): Locator => visit.page.getByRole('checkbox', { name })
  const names = (): Promise<string[]> => visit.page.locator('.virtual .name').allTextContents()
  async function areListed(...wanted: string[]): Promise<void> {
    const list = JSON.stringify(wanted)
    await visit.until(
      `JSON.stringify(Array.from(document.querySelectorAll('.virtual .name'), (name) => name.textContent)) === ${JSON.stringify(list)}`,
    )
  }
  /** Where an answer of the API is told otherwise: the jobs as the server has them, and this. */
  async function tell(ids: string[], change: Partial<JobView> & { updatedAt?: string }): Promise<void> {
    await visit.page.route(`${opened.server.apiUrl}/status?**`, async (route) => {
      const response = await route.fetch()
      const { jobs, ...rest } = (await response.json()) as { jobs: JobView[] }
      for (const job of jobs) if (ids.includes(job.id)) Object.assign(job, change)
      await route.fulfill({ response, json: { jobs, ...rest } })
    })
  }

  it('goes from status to status by itself, over a single stream of events for all jobs', async () => {
    await open()
    // Whoever is signed in and what there is has been asked for by then.
    await visit.page.getByText(user.email).waitFor()
    await visit.page.getByText('Nothing here yet.').waitFor()
    const asked: string[] = []
    visit.page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    const { job, uploadUrl } = await user.openSession({ filename: 'live.mp4', size: video.length })
    const second = await user.openSession({ filename: 'second.mp4', size: video.length })
    const { page } = visit
    await visit.entry('live.mp4').getByText('Upload not finished', { exact: true }).waitFor()
    await visit.entry('second.mp4').getByText('Upload not finished', { exact: true }).waitFor()
    await fetch(uploadUrl, { method: 'PUT', body: video })
    await visit.isReady('live.mp4')
    await page.getByText('live.mp4 is ready.').waitFor({ state: 'attached' })
    await fetch(second.uploadUrl, { method: 'PUT', body: video })
    await visit.isReady('second.mp4')
    await areListed('second.mp4', 'live.mp4')
    const facts = await visit.entry('live.mp4').locator('.facts').innerText()
    assert.match(facts, /Ready[^]*0:01[^]*192 kbit\/s[^]*kB/)
    await user.fetch(`/status/${job.id}`, { method: 'DELETE' })
    await areListed('second.mp4')
    // The stream was open before, and nothing else had to be asked for.
    assert.deepEqual(asked, [])
  })

  it('shows how far a job is and how long it will still take', async () => {
    const { job } = await user.openSession({ filename: 'long.mp4', size: 1000 })
    visit = await opened.visit('')
    const begun = Date.now()
    const at = (seconds: number): string => new Date(begun + seconds * 1000).toISOString()
    const creating = {
      at: at(0),
      status: 'CREATING_MP3',
      function: 'transcode',
      instance: 'one',
      attempt: 1,
    }
    await tell([job.id], {
      status: 'CREATING_MP3',
      progress: 0.25,
      timeline: [...job.timeline, creating],
      updatedAt: at(30),
    })
    await visit.signIn(user.email, 'a long enough password')
    const entry = visit.entry('long.mp4')
    await entry.getByText('Making the MP3', { exact: true }).waitFor()
    await entry.getByText('25 %', { exact: true }).waitFor()
    await entry.getByText('about 1:30 left', { exact: true }).waitFor()
    const bar = entry.getByRole('progressbar', { name: 'Making the MP3' })
    assert.equal(await bar.getAttribute('value'), '0.25')
  })

  it('is asked for now and then while no stream of events gets through, and says so', async () => {
    const { job, uploadUrl } = await user.openSession({ filename: 'polled.mp4', size: video.length })
    visit = await opened.visit('')
    expected = [/ERR_FAILED/]
    await visit.page.route(`${opened.server.apiUrl}/status/events?*`, (route) => route.abort())
    await visit.signIn(user.email, 'a long enough password')
    await visit.entry('polled.mp4').getByText('Upload not finished').waitFor()
    await visit.page.getByText('The connection is lost. Trying again…').waitFor()
    await fetch(uploadUrl, { method: 'PUT', body: video })
    await user.completed(job.id)
    await visit.isReady('polled.mp4')
    await user.fetch(`/status/${job.id}`, { method: 'DELETE' })
    await areListed()
    await visit.page.getByText('The connection is lost. Trying again…').waitFor()
  })

  it('lists those of one status, and those whose names have it', async () => {
    await user.completed((await upload('holiday one.mp4')).id)
    await user.completed((await upload('holiday two.mp4')).id)
    await user.completed((await upload('work.mp4')).id)
    await fail('holiday bad.avi')
    await open()
    const { page } = visit
    await areListed('holiday bad.avi', 'work.mp4', 'holiday two.mp4', 'holiday one.mp4')
    await page.getByLabel('Status').selectOption('Failed')
    await areListed('holiday bad.avi')
    // Another that fits comes by itself, one that does not stays away.
    await upload('not wanted.mp4')
    await fail('also bad.avi')
    await areListed('also bad.avi', 'holiday bad.avi')
    await page.getByLabel('Status').selectOption('All states')
    await page.getByLabel('Name contains').fill('holiday')
    await areListed('holiday bad.avi', 'holiday two.mp4', 'holiday one.mp4')
    await page.getByLabel('Status').selectOption('Ready')
    await areListed('holiday two.mp4', 'holiday one.mp4')
    await page.getByLabel('Name contains').fill('holiday x')
    await page.getByRole('status').getByText('No file is like that.').waitFor()
    await page.getByLabel('Name contains').fill('')
    await areListed('not wanted.mp4', 'work.mp4', 'holiday two.mp4', 'holiday one.mp4')
    // All of them are known.
    await page.getByLabel('Name contains').fill('DAY T')
    await areListed('holiday two.mp4')
  })

  it('says of each when it came', async () => {
    const { createdAt } = (await upload('dated.mp4')) as JobView & { createdAt: string }
    await open()
    const time = visit.entry('dated.mp4').locator('time')
    assert.equal(await time.getAttribute('datetime'), createdAt)
    assert.match(await time.innerText(), /^\d\d:\d\d$/)
  })

  it('deletes many, having named them and said what goes', async () => {
    const jobs: JobView[] = []
    for (let count = 1; count <= 7; count++)
      jobs.push(await user.completed((await upload(`song ${count}.mp4`)).id))
    await open()
    const { page } = visit
    for (const name of ['song 1.mp4', 'song 3.mp4', 'song 4.mp4']) await checkbox(`Select ${name}`).check()
    await page.getByText('3 selected').waitFor()
    await visit.until('document.querySelector(".selection input").indeterminate')
    await checkbox('Select song 4.mp4').uncheck()
    await visit.button('Delete 2').click()
    const dialog = page.getByRole('dialog', { name: 'Delete 2 files?' })
    assert.deepEqual(await dialog.getByRole('listitem').allTextContents(), ['song 3.mp4', 'song 1.mp4'])
    const bytes = [0, 2].reduce((sum, index) => sum + video.length + (jobs[index]?.target?.size ?? 0), 0)
    await dialog.getByText(`${Math.round(bytes / 1000)} kB in all`).waitFor()
    await dialog.getByText(/^Deleted for good: the uploaded videos, the MP3s and all that is known/).waitFor()
    await dialog.getByRole('button', { name: 'Keep' }).click()
    await dialog.waitFor({ state: 'hidden' })
    assert.equal((await names()).length, 7)
    // The events tell of it long before the answers do.
    const url = `${opened.server.apiUrl}/status/*`
    await page.route(url, async (route) => {
      if (route.request().method() !== 'DELETE') return route.continue()
      const response = await route.fetch()
      await delay(300)
      return route.fulfill({ response })
    })
    await visit.button('Delete 2').click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await areListed('song 7.mp4', 'song 6.mp4', 'song 5.mp4', 'song 4.mp4', 'song 2.mp4')
    // The button that had the focus is gone.
    await visit.until('document.activeElement.matches(".selection input")')
    await page.unroute(url)
    await page.getByText('Select all', { exact: true }).waitFor()

    // What is deleted elsewhere, or no longer listed, is no longer selected.
    await checkbox('Select all').check()
    await page.getByText('5 selected').waitFor()
    await user.fetch(`/status/${jobs[6]?.id}`, { method: 'DELETE' })
    await page.getByText('4 selected').waitFor()
    await page.getByLabel('Name contains').fill('song 2')
    await page.getByText('1 selected').waitFor()
    await page.getByLabel('Name contains').fill('')
    await areListed('song 6.mp4', 'song 5.mp4', 'song 4.mp4', 'song 2.mp4')
    await page.getByText('1 selected').waitFor()

    await checkbox('1 selected').check()
    await page.getByText('4 selected').waitFor()
    await visit.button('Delete 4').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('Nothing here yet.').waitFor()
    assert.deepEqual(await user.list(), [])
  })

  it('keeps those selected that could not be deleted, and says why', async () => {
    expected = [/status of 500/]
    const kept = await user.completed((await upload('kept.mp4')).id)
    await user.completed((await upload('gone.mp4')).id)
    await open()
    const refusal = { status: 500, code: 'INTERNAL', title: 'Internal', detail: 'Something broke.' }
    await visit.page.route(`${opened.server.apiUrl}/status/${kept.id}`, (route) =>
      route.request().method() === 'DELETE' ? answer(route, opened, 500, refusal) : route.continue(),
    )
    await checkbox('Select all').check()
    await visit.button('Delete 2').click()
    await visit.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await visit.page.getByRole('alert').getByText('Done for 1, not for 1: Something broke.').waitFor()
    await areListed('kept.mp4')
    await visit.page.getByText('1 selected').waitFor()
  })

  /** As if nothing had been found wrong with them. */
  async function giveUp(...jobs: JobView[]): Promise<void> {
    const ids = jobs.map(({ id }) => id)
    await tell(ids, { error: { code: 'GAVE_UP', message: 'It did not work five times.' } })
  }

  it('retries many: those that it may help', async () => {
    const failed = [await fail('one.avi'), await fail('two.avi')]
    await fail('no video.avi')
    await user.completed((await upload('fine.mp4')).id)
    visit = await opened.visit('')
    await giveUp(...failed)
    await visit.signIn(user.email, 'a long enough password')
    await areListed('fine.mp4', 'no video.avi', 'two.avi', 'one.avi')
    await visit.button('Retry two.avi').waitFor()
    assert.equal(await visit.button('Retry no video.avi').count(), 0)
    await checkbox('Select all').check()
    await visit.button('Retry 2').click()
    // The others are left.
    await visit.page.getByText('2 selected').waitFor()
    for (const { id } of failed)
      await user.until(id, ({ attempt, status }) => attempt > 1 && status === 'FAILED')
    for (const name of ['one.avi', 'two.avi'])
      await visit.entry(name).getByText('Failed', { exact: true }).waitFor()
  })

  it('speaks Korean', async () => {
    await user.completed((await upload('하나.mp4')).id)
    await fail('둘.avi')
    await open('ko-KR')
    const { page } = visit
    await visit.entry('하나.mp4').getByText('완료', { exact: true }).waitFor()
    await visit.entry('둘.avi').getByText('실패', { exact: true }).waitFor()
    await visit.entry('둘.avi').getByText('동영상 파일이 아니거나 지원하지 않는 형식입니다.').waitFor()
    await page.getByLabel('상태').selectOption('실패')
    await areListed('둘.avi')
    await page.getByLabel('상태').selectOption('모든 상태')
    await checkbox('모두 선택').check()
    await visit.button('2개 삭제').click()
    const dialog = page.getByRole('dialog', { name: '파일 2개를 삭제할까요?' })
    await dialog.getByText('되돌릴 수 없습니다').waitFor()
    await dialog.getByRole('button', { name: '삭제' }).click()
    await page.getByText('아직 파일이 없습니다.').waitFor()
  })
})
