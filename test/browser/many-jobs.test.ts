import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fillJobs } from '../../bench/speed/fill.ts'
import { userId } from '../../lib/users.ts'
import { signUp, type User } from '../accounts.ts'
import { notLocal } from '../server.ts'
import { openPage, type OpenPage } from './open-page.ts'
import type { Visit } from './visit.ts'

const count = 10_000
const email = 'collector@example.com'
const mostRows = 100

describe('A list of 10,000 jobs', { skip: notLocal, timeout: 300_000 }, () => {
  let dataDir: string
  let opened: OpenPage
  let user: User
  let visit: Visit

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tapedeck-many-'))
    await fillJobs(dataDir, userId(email), count)
    opened = await openPage({}, { dataDir })
    user = await signUp(opened.client, email)
    // Small: each frame of it is drawn without a graphics card.
    visit = await opened.visit(`#token=${user.token}`, { viewport: { width: 480, height: 480 } })
    await visit.isSignedIn()
    await visit.page.evaluate(`{
      window.mostRows = 0
      window.longest = 0
      const list = document.querySelector('.virtual')
      new MutationObserver(() => { mostRows = Math.max(mostRows, list.childElementCount) }).observe(list, { childList: true })
      new PerformanceObserver((entries) => {
        for (const { duration } of entries.getEntries()) longest = Math.max(longest, duration)
      }).observe({ type: 'longtask' })
    }`)
  })
  after(async () => {
    try {
      await visit?.end()
    } finally {
      await opened?.close()
      await rm(dataDir, { recursive: true, force: true })
    }
  })

  const number = (name: string): Promise<number> => visit.page.evaluate<number>(name)

  it('can be scrolled to its end', async (t) => {
    const { page } = visit
    const last = page.locator(`[aria-posinset="${count}"]`)
    await page.locator('[aria-posinset="1"]').waitFor()
    const begun = performance.now()
    await page.keyboard.press('End')
    // Its own scrolling is smooth, and takes more frames.
    while ((await last.count()) === 0) await page.evaluate('scrollTo(0, document.body.scrollHeight)')
    // Until then there might have been more.
    await visit.until(`document.querySelector('[aria-posinset="${count}"]').ariaSetSize === '${count}'`)
    t.diagnostic(`${Math.round(performance.now() - begun)} ms, longest task ${await number('longest')} ms`)
  })

  it('has its jobs in order, wherever one looks', async () => {
    const { page } = visit
    const wanted = (await user.list()).map(({ filename }) => filename)
    assert.equal(wanted.length, count)
    for (let place = 0; place <= 20; place++) {
      const rows = await page.evaluate<[number, string][]>(`(async () => {
        scrollTo(0, ${place / 20} * document.body.scrollHeight)
        for (const _ of [1, 2]) await new Promise(requestAnimationFrame)
        return Array.from(document.querySelectorAll('.virtual > li'), (row) =>
          [Number(row.ariaPosInSet), row.querySelector('.name').textContent])
      })()`)
      assert.ok(rows.length > 1)
      for (const [at, name] of rows) assert.equal(name, wanted[at - 1], `row ${at}`)
    }
  })

  it('takes up a change at once, wherever it has been scrolled to', async (t) => {
    await visit.page.evaluate('longest = 0')
    const { job } = await user.openSession({ filename: 'newest.mp4', size: 1 })
    await visit.until(`document.querySelector('.virtual > li').ariaSetSize === '${count + 1}'`)
    await visit.page.keyboard.press('Home')
    await visit.until('scrollY === 0')
    await visit.entry('newest.mp4').waitFor()
    await user.fetch(`/status/${job.id}`, { method: 'DELETE' })
    await visit.entry('newest.mp4').waitFor({ state: 'detached' })
    t.diagnostic(`longest task ${await number('longest')} ms`)
  })

  it('is all selected by one click', async () => {
    await visit.page.getByRole('checkbox', { name: 'Select all' }).check()
    await visit.page.getByText(`${count} selected`).waitFor()
  })

  it('never has more than what can be seen in the document', async (t) => {
    const most = await number('mostRows')
    t.diagnostic(`${most} rows`)
    assert.ok(most > 0 && most <= mostRows, String(most))
  })

  it('is all selected, too, where only its first page is known', async (t) => {
    const { page } = visit
    await page.reload()
    await page.getByRole('checkbox', { name: 'Select all' }).check()
    await page.getByText('50 selected').waitFor()
    const begun = performance.now()
    await visit.button('Select the others too').click()
    await visit.button('Stop').waitFor()
    await page.getByText(`${count} selected`).waitFor()
    t.diagnostic(`${Math.round(performance.now() - begun)} ms`)
  })

  it('says how far the deletion of all is, and ends that when it is told to', async () => {
    const { page } = visit
    await visit.button(`Delete ${count}`).click()
    await page.getByRole('dialog', { name: `Delete ${count} files?` }).waitFor()
    await page.getByText(`and ${count - 5} more`).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText(/^Deleting: [1-9]\d* of 10000$/).waitFor()
    await visit.button('Stop').click()
    await page.getByText(/^Deleting/).waitFor({ state: 'detached' })
    // What is left stays selected.
    const left = (await user.list()).length
    assert.ok(left > 0 && left < count, String(left))
    await page.getByText(`${left} selected`).waitFor()
    await visit.button(`Delete ${left}`).waitFor()
  })
})
