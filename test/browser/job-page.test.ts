import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Locator } from 'playwright-core'
import { jobAdvice } from '../../lib/jobs/advice.ts'
import type { Client, JobView } from '../client.ts'
import { makeVideo, noVideo } from '../media.ts'
import { unavailable, type TestServer } from '../server.ts'
import { answer, openPage, type OpenPage } from './open-page.ts'
import { makeFilm, visitAt } from './sample.ts'
import type { Look, Visit } from './visit.ts'

const seconds = 30

describe("A job's page", { skip: unavailable, timeout: 180_000 }, () => {
  let opened: OpenPage
  let server: TestServer
  let client: Client
  let film: JobView
  let visit: Visit
  let expected: RegExp[]

  before(async () => {
    opened = await openPage()
    ;({ server, client } = opened)
    // Quiet at first, then louder and louder.
    film = await makeFilm(client, `aevalsrc='t/${seconds}*sin(2*PI*440*t)':s=44100:d=${seconds}:c=mono`)
  })
  after(() => opened?.close())
  afterEach(() => visit.end(expected))

  async function open(id: string, look?: Look): Promise<void> {
    expected = []
    visit = await visitAt(opened, server.token, `job=${id}`, look)
  }

  const text = (wanted: string | RegExp): Locator =>
    visit.page.getByRole('main').getByText(wanted, { exact: true })

  it('draws its timeline: a bar for each step in order, with the instance that did it', async () => {
    await open(film.id)
    await visit.isOnJob('film.avi')
    const bars = visit.page.locator('.timeline li')
    const steps = film.timeline.filter(({ status }) => status !== 'MP3_COMPLETED')
    assert.equal(await bars.count(), steps.length)
    assert.deepEqual(
      await bars.locator('.by').allTextContents(),
      steps.map(({ function: name, instance }) => `${name}@${instance}`),
    )
    const names = await bars.locator('.step').allTextContents()
    assert.deepEqual([names[0], names.at(-1)], ['Upload', 'Making the MP3'])
    assert.ok(names.includes('AVI to MP4'))
    const places = await visit.page.evaluate<[number, number][]>(
      "Array.from(document.querySelectorAll('.timeline rect'), (bar) => { const { left, width } = bar.getBoundingClientRect(); return [left, width] })",
    )
    const room = await visit.page.evaluate<number>(
      "document.querySelector('.timeline .bar').getBoundingClientRect().width",
    )
    const times = film.timeline.map(({ at }) => Date.parse(at))
    const [begun = 0, ended = 0] = [times[0], times.at(-1)]
    for (const [index, [left, width]] of places.entries()) {
      const [from = 0, to = 0] = times.slice(index)
      // Half a percent is there of each, however short.
      const wanted = Math.max(0.005, (to - from) / (ended - begun))
      assert.ok(Math.abs(width / room - wanted) < 0.001, `bar ${index}: ${width / room}, not ${wanted}`)
      assert.ok(index === 0 || left >= (places[index - 1]?.[0] ?? 0), `bar ${index}`)
    }
  })

  it('counts on what a step takes so far, by the clock of the server', async () => {
    const { job } = await client.openSession({ filename: 'still coming.mp4', size: 1 })
    await open(job.id)
    await visit.page.clock.install({ time: '2001-01-01' })
    // What it asks for last: each answer tells the time again.
    const listed = visit.page.waitForResponse((response) => response.url().includes('/status?'))
    await visit.page.reload()
    await listed
    const soFar = async (): Promise<number> =>
      Number.parseInt((await visit.page.locator('.timeline .open .took').textContent()) ?? '', 10)
    await visit.page.locator('.timeline .open').waitFor()
    assert.ok((await soFar()) < 30)
    // Not as long as it takes the stream of events for dead, and asks again.
    await visit.page.clock.fastForward(40_000)
    await visit.until("parseInt(document.querySelector('.timeline .open .took').textContent) >= 40")
    assert.ok((await soFar()) < 80)
    await client.fetch(`/status/${job.id}`, { method: 'DELETE' })
  })

  it('says aloud how it stands, and not each percent', async () => {
    await open(film.id)
    const begun = { ...film, target: undefined, status: 'CREATING_MP3', progress: 0.25 }
    const timeline = film.timeline.slice(0, -1)
    // What is listed, and what events tell, would say how it is now.
    await visit.page.route(/\/status(\?|\/events)/, () => undefined)
    await visit.page.route(`${server.apiUrl}/status/${film.id}`, (route) =>
      answer(route, opened, 200, { ...begun, timeline }),
    )
    await visit.page.reload()
    await text('25 %').waitFor()
    assert.deepEqual(await visit.page.locator('main [role=status]').allTextContents(), ['Making the MP3', ''])
  })

  it('says what its source and its MP3 are', async () => {
    await open(film.id)
    await text('Ready').waitFor()
    await text(/^\d+ kB, 0:30, \d+ kbit\/s\. The sound was MP3 already and is kept as it was$/).waitFor()
    const facts = await visit.page.locator('dl').innerText()
    assert.match(facts, /MP3 quality\s+Automatic \(keep MP3, else 192 kbit\/s\)/)
    assert.match(facts, /Source\s+[^]*0:30, avi, mp3, 44\.1 kHz, mono/)
    for (const term of ['Start', 'AVI to MP4', 'MP4 to MP3', 'Total', 'Route', 'Video kept until'])
      assert.ok(facts.includes(term), term)
  })

  it('says why it failed and what to do about it, and draws both attempts once it is retried', async () => {
    const { id, error } = await client.failed(
      (await client.upload({ filename: 'text.avi', bytes: noVideo })).id,
    )
    await open(id)
    await text('Failed').waitFor()
    await text(error?.message ?? '').waitFor()
    await text(jobAdvice.NOT_MEDIA).waitFor()
    assert.equal(await visit.page.locator('.timeline .step').getByText('attempt 2').count(), 0)
    assert.equal(await visit.button('Retry').count(), 0)
    await client.json(`/status/${id}/retry`, { method: 'POST' }, 202)
    await visit.page.locator('.timeline .step').getByText('attempt 2').first().waitFor()
    await text('Failed').waitFor()
    await visit.page.locator('.timeline .step').getByText('attempt 1').first().waitFor()
  })

  it('draws the waveform as the sound is: louder and louder', async () => {
    await open(film.id)
    const path = visit.page.locator('.wave path').first()
    await visit.until(
      "new Set(document.querySelector('.wave path')?.getAttribute('d').match(/ [^h]+h/g)).size > 3",
    )
    const bars = Array.from((await path.getAttribute('d'))?.matchAll(/M(\d+) (\S+)h2v/g) ?? [])
    const tops = bars.map(([, , top]) => Number(top))
    const { width = 0 } = (await visit.page.locator('.wave').boundingBox()) ?? {}
    assert.ok(Math.abs(bars.length - width / 3) < 1, `${bars.length} bars on ${width} pixels`)
    const [first = 0, middle = 0, last = 0] = [0.05, 0.5, 0.9].map(
      (share) => tops[Math.floor(share * tops.length)],
    )
    assert.ok(first > middle && middle > last, `${first} ${middle} ${last}`)
  })

  it('can be told from what it lies on: its contrast is 3:1 or more, in the light and in the dark', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await open(film.id, { colorScheme })
      await visit.page.locator('.wave path').first().waitFor()
      const [bars, panel] = await visit.page.evaluate<[string, string]>(
        "[getComputedStyle(document.querySelector('.wave path')).fill, getComputedStyle(document.querySelector('.player')).backgroundColor]",
      )
      const contrast = contrastOf(bars, panel)
      assert.ok(contrast >= 3, `${bars} on ${panel}: ${contrast}`)
      if (colorScheme === 'light') await visit.end()
    }
  })

  it('draws the waveform of a job that becomes ready while it is shown', async () => {
    const bytes = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 2 })
    const { job, uploadUrl } = await client.openSession({ filename: 'soon.mp4', size: bytes.length })
    await open(job.id)
    await text('Upload not finished').waitFor()
    await fetch(uploadUrl, { method: 'PUT', body: bytes })
    await text('Ready').waitFor()
    await visit.until(
      "new Set(document.querySelector('.wave path')?.getAttribute('d').match(/ [^h]+h/g)).size > 3",
    )
  })

  it('downloads MP3 and MP4', async () => {
    await open(film.id)
    for (const [kind, name] of [
      ['MP3', 'film.mp3'],
      ['MP4', 'film.mp4'],
    ] as const) {
      const downloading = visit.page.waitForEvent('download')
      await visit.button(`Download ${kind}`).click()
      const download = await downloading
      assert.equal(download.suggestedFilename(), name)
      if (kind === 'MP3') assert.deepEqual(await readFile(await download.path()), await client.mp3(film.id))
    }
    await visit.isOnJob('film.avi')
  })

  it('copies its link', async () => {
    await open(film.id, { permissions: ['clipboard-read', 'clipboard-write'] })
    await visit.button('Copy link').click()
    await text('The link is copied.').waitFor()
    assert.equal(
      await visit.page.evaluate('navigator.clipboard.readText()'),
      `${opened.origin}/#job=${film.id}`,
    )
  })

  it('is deleted once one has been told what goes, says so, and leads back', async () => {
    const bytes = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
    const { id } = await client.completed((await client.upload({ filename: 'unwanted.mp4', bytes })).id)
    await open(id)
    await visit.button('Delete').click()
    const dialog = visit.page.getByRole('dialog', { name: 'Delete this file?' })
    await dialog.getByText('unwanted.mp4').waitFor()
    await dialog.getByText(/^Deleted for good: the uploaded video, the MP3 and all that is known/).waitFor()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await text('This file has been deleted.').waitFor()
    await visit.until("document.activeElement.textContent === 'This file has been deleted.'")
    assert.equal((await client.problem(`/status/${id}`)).status, 404)
    await visit.page.getByRole('link', { name: 'All files' }).click()
    await visit.entry('film.avi').waitFor()
    assert.equal(await visit.entry('unwanted.mp4').count(), 0)
  })

  it('tries again where it could not be asked for', async () => {
    await open('')
    expected = [/ERR_FAILED/]
    const path = `${server.apiUrl}/status/${film.id}`
    // Neither does the list tell.
    await visit.page.route(/\/status(\?|\/events)/, (route) => route.abort())
    await visit.page.route(path, (route) => route.abort())
    await visit.page.reload()
    await visit.page.evaluate(`location.hash = 'job=${film.id}'`)
    // The list, from which one comes, has an alert of its own.
    await visit.page.locator('main.job').getByRole('alert').waitFor()
    await visit.page.unroute(path)
    await visit.button('Try again').click()
    await visit.isOnJob('film.avi')
  })

  it('speaks Korean', async () => {
    await open(film.id, { locale: 'ko-KR' })
    for (const name of ['MP3 다운로드', 'MP4 다운로드', '링크 복사', '삭제', '재생', '동영상 재생'])
      await visit.button(name).waitFor()
    await visit.page.getByRole('slider', { name: '재생 위치' }).waitFor()
    await visit.page.getByRole('heading', { name: '처리 과정' }).waitFor()
    await visit.page.getByRole('link', { name: '모든 파일' }).click()
    await visit.page.getByRole('heading', { name: '내 파일' }).waitFor()
  })
})

/** The contrast of two colours such as `rgb(1, 2, 3)`, as WCAG 2 defines it. */
function contrastOf(one: string, other: string): number {
  const luminance = (colour: string): number => {
    const [red = 0, green = 0, blue = 0] = Array.from(colour.matchAll(/\d+/g), ([value]) => {
      const share = Number(value) / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}
