import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { Client } from '../client.ts'
import { makeVideo } from '../media.ts'
import { startServer, unavailable, type TestServer } from '../server.ts'
import { launchBrowser } from './browser.ts'

const player =
  '<!doctype html><video muted></video><script>const video = document.querySelector("video")</script>'
const seconds = 600

/** What a browser asked for, and got. */
interface Exchange {
  headers: Record<string, string>
  status: number
  range: string
}

describe('A video element', { skip: unavailable, timeout: 120_000 }, () => {
  let browser: Browser
  let server: TestServer
  let pages: Server
  let page: Page
  let src: string
  const exchanges: Promise<Exchange>[] = []

  before(async () => {
    server = await startServer()
    const client = new Client(server)
    // Mostly sound, which is quickly made: so many bytes that a browser cannot look through all of them in a few requests.
    const bytes = await makeVideo({
      format: ['avi'],
      audio: ['libmp3lame', '-b:a', '320k'],
      video: ['libx264', '-pix_fmt', 'yuv420p', '-preset', 'ultrafast', '-bf', '2', '-g', '100'],
      seconds,
      silent: true,
    })
    const { id } = await client.completed((await client.uploadBySession({ filename: 'a.avi', bytes })).id)
    src = server.apiUrl + (await client.openStream(id))

    // The player is on an origin of its own, as the page is where it is deployed.
    pages = createServer((_, res) => res.writeHead(200, { 'Content-Type': 'text/html' }).end(player))
    pages.listen(0, '127.0.0.1')
    await once(pages, 'listening')
    browser = await launchBrowser()
    page = await browser.newPage()
    page.on('response', (response) => {
      if (response.url() !== src) return
      const range = response.headers()['content-range'] ?? ''
      const status = response.status()
      exchanges.push(
        response
          .request()
          .allHeaders()
          .then((headers) => ({ headers, status, range })),
      )
    })
    // A server that listens on a TCP port has an address of this shape.
    await page.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}`)
  })
  after(async () => {
    await server?.stop()
    await browser?.close()
    pages?.close()
    pages?.closeAllConnections()
  })

  /** Waits until this is true of the page's `video`; an error of its ends the waiting. */
  async function until(condition: string): Promise<void> {
    await page.waitForFunction(`video.error !== null || (${condition})`)
    assert.equal(await page.evaluate('video.error && video.error.message'), null)
  }

  it('knows how long the MP4 is, and shows its pictures', async () => {
    await page.evaluate(`void (video.src = ${JSON.stringify(src)})`)
    await until('video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA')
    assert.equal(await page.evaluate('video.videoWidth'), 160)
    const duration = Number(await page.evaluate('video.duration'))
    assert.ok(Math.abs(duration - seconds) < 3, `${duration} s`)
  })

  it('needs hardly a request for that: the beginning says where everything is', async () => {
    await until('video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA')
    assert.ok(exchanges.length <= 2, `${exchanges.length} requests`)
  })

  it('plays it', async () => {
    await page.evaluate('video.play()')
    await until('video.currentTime > 0.2')
  })

  it('seeks, and plays on from there to the end', async () => {
    await page.evaluate(`void (video.currentTime = ${seconds - 5})`)
    await until(`!video.seeking && video.currentTime >= ${seconds - 5}`)
    await page.evaluate('void (video.playbackRate = 8)')
    await until('video.ended')
  })

  it('seeks back', async () => {
    await page.evaluate('void (video.currentTime = 10)')
    await until('!video.seeking && video.currentTime >= 10')
    assert.ok(Number(await page.evaluate('video.currentTime')) < 20)
  })

  it('has asked for ranges, without a token in a header, and got no more than 8 MiB at once', async () => {
    const all = await Promise.all(exchanges)
    assert.ok(all.length > 1)
    for (const { headers, status, range } of all) {
      assert.match(headers['range'] ?? '', /^bytes=\d+-/)
      assert.equal(headers['authorization'], undefined)
      assert.equal(status, 206)
      const [, first, last] = /^bytes (\d+)-(\d+)\/\d+$/.exec(range) ?? []
      assert.ok(Number(last) - Number(first) < 8 * 1024 * 1024, range)
    }
  })

  it('has left no error behind by leaving answers in the middle', () => {
    assert.doesNotMatch(server.log(), /ERROR/)
  })
})
