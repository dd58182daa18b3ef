import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Locator, Route } from 'playwright-core'
import type { Client, JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { unavailable, type TestServer } from '../server.ts'
import { openPage, type OpenPage } from './open-page.ts'
import { makeFilm, visitAt } from './sample.ts'
import type { Visit } from './visit.ts'

describe("What a job's page plays", { skip: unavailable, timeout: 180_000 }, () => {
  let opened: OpenPage
  let server: TestServer
  let client: Client
  let film: JobView
  let visit: Visit
  let expected: RegExp[]

  before(async () => {
    opened = await openPage()
    ;({ server, client } = opened)
    film = await makeFilm(client)
  })
  after(() => opened?.close())
  afterEach(() => visit.end(expected))

  async function open(id: string): Promise<void> {
    expected = []
    visit = await visitAt(opened, server.token, `job=${id}`)
  }

  const text = (wanted: string): Locator => visit.page.getByRole('main').getByText(wanted, { exact: true })
  const slider = (): Locator => visit.page.getByRole('slider', { name: 'Position' })
  const position = async (): Promise<number> => Number(await slider().inputValue())
  function downloads(): string[] {
    const urls: string[] = []
    visit.page.on('request', (request) => {
      const href = request.url()
      if (/\/download\/[^/]+\?/.test(href)) urls.push(href)
    })
    return urls
  }

  it('plays the MP3, and seeks by keyboard and by a click on the waveform', async () => {
    await open(film.id)
    await visit.button('Play').click()
    await visit.until("document.querySelector('audio').currentTime > 0.2")
    await visit.button('Pause').click()
    await visit.button('Play').waitFor()
    const before = await position()
    await slider().press('ArrowRight')
    assert.ok(Math.abs((await position()) - before - 5) < 1)
    await slider().press('End')
    await visit.until("document.querySelector('audio').currentTime > 29")
    const box = (await visit.page.locator('.wave').boundingBox()) ?? assert.fail('There is no waveform.')
    await visit.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
    await visit.until("Math.abs(document.querySelector('audio').currentTime - 15) < 1")
    await visit.button('Play').click()
    await visit.until("document.querySelector('audio').currentTime > 15.2")
    assert.match((await visit.page.locator('.time').textContent()) ?? '', /^0:1\d \/ 0:30$/)
  })

  it('asks for the MP3 only to play it, and begins where it was sought to', async () => {
    await open(film.id)
    const urls = downloads()
    await slider().press('ArrowRight')
    await slider().press('ArrowRight')
    await slider().press('ArrowLeft')
    assert.equal(await position(), 5)
    assert.deepEqual(urls, [])
    await visit.button('Play').click()
    await visit.until("document.querySelector('audio').currentTime > 5.1")
    assert.equal(urls.length, 1)
  })

  it('fetches the address of the MP3 anew when it holds no more', async () => {
    await open(film.id)
    expected = [/status of 403/]
    await visit.button('Play').click()
    await visit.until("document.querySelector('audio').currentTime > 0.1")
    const urls = downloads()
    // As the bucket's refusal of an address that has expired does.
    await visit.page.evaluate(`{
      const audio = document.querySelector('audio')
      audio.src = '${server.bucketUrl}/target/nothing.mp3'
      audio.play().catch(() => {})
    }`)
    await visit.until("document.querySelector('audio').currentTime > 0.3")
    assert.equal(urls.length, 1)
  })

  it('says so where the MP3 cannot be played, without asking again and again', async () => {
    await open(film.id)
    const urls = downloads()
    await visit.page.route(/\.mp3/, (route) => route.fulfill({ contentType: 'audio/mpeg', body: 'no sound' }))
    await visit.button('Play').click()
    await text('This browser cannot play the MP3. It can be downloaded.').waitFor()
    await visit.button('Play').waitFor()
    assert.equal(urls.length, 1)
  })

  it('plays the MP4 of an AVI', async () => {
    await open(film.id)
    await visit.button('Play video').click()
    await visit.until("document.querySelector('video').currentTime > 0.2")
    assert.equal(await visit.page.evaluate("document.querySelector('video').videoWidth"), 160)
  })

  it('says so where the browser can play its sound only', async () => {
    const bytes = await makeVideo({ format: ['avi'], audio: ['libmp3lame'], video: ['mpeg4'] })
    const { id } = await client.completed((await client.uploadEither({ filename: 'divx.avi', bytes })).id)
    await open(id)
    await visit.button('Play video').click()
    await text('This browser cannot play the pictures. The MP4 can be downloaded.').waitFor()
  })

  it('asks for one address, however often it is pressed', async () => {
    await open(film.id)
    const urls = downloads()
    const held: Route[] = []
    await visit.page.route(/\/download\/[^/]+\?/, (route) => void held.push(route))
    await visit.button('Play').dblclick()
    await visit.button('Play').click()
    while (held.length === 0) await delay(10)
    for (const route of held) await route.continue()
    await visit.until("document.querySelector('audio').currentTime > 0.1")
    assert.equal(urls.length, 1)
  })

  it('begins at the first press where a browser lets an element play only that a press has touched', async () => {
    await open(film.id)
    await visit.page.evaluate(`{
      const { load, play } = HTMLMediaElement.prototype
      const touched = new Set()
      const isClick = () => globalThis.event?.type === 'click'
      HTMLMediaElement.prototype.load = function () {
        if (isClick()) touched.add(this)
        return load.call(this)
      }
      HTMLMediaElement.prototype.play = function () {
        return isClick() || touched.has(this) ? play.call(this) : Promise.reject(new DOMException('No.', 'NotAllowedError'))
      }
    }`)
    await visit.button('Play').click()
    await visit.until("document.querySelector('audio').currentTime > 0.1")
    await visit.button('Play video').click()
    await visit.until("document.querySelector('video').currentTime > 0.1")
  })

  it('says so where the browser forbids it all the same, and begins with the next press', async () => {
    await open(film.id)
    await visit.page.evaluate(`{
      const { play } = HTMLMediaElement.prototype
      HTMLMediaElement.prototype.play = () => {
        HTMLMediaElement.prototype.play = play
        return Promise.reject(new DOMException('No.', 'NotAllowedError'))
      }
    }`)
    await visit.button('Play').click()
    await text('The browser has not let it begin. Press Play once more.').waitFor()
    await visit.button('Play').click()
    await visit.until("document.querySelector('audio').currentTime > 0.1")
    assert.equal(await visit.page.getByRole('alert').count(), 0)
  })

  it('begins where it was sought to, also where a browser ignores that until it knows what it plays', async () => {
    await open(film.id)
    await visit.page.evaluate(`{
      const time = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'currentTime')
      Object.defineProperty(HTMLMediaElement.prototype, 'currentTime', {
        ...time,
        set(to) {
          if (this.readyState > 0) time.set.call(this, to)
        },
      })
    }`)
    await slider().press('ArrowRight')
    await slider().press('ArrowRight')
    await visit.button('Play').click()
    await visit.until("document.querySelector('audio').currentTime > 10.1")
  })

  it('leaves the focus on the video whose button is gone', async () => {
    await open(film.id)
    await visit.button('Play video').focus()
    await visit.page.keyboard.press('Enter')
    await visit.until("document.activeElement?.tagName === 'VIDEO'")
    await visit.until("document.querySelector('video').currentTime > 0.1")
    assert.equal(await visit.page.evaluate('document.activeElement.tagName'), 'VIDEO')
  })
})
