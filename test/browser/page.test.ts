import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Request } from 'playwright-core'
import type { Client, JobView } from '../client.ts'
import { makeVideo } from '../media.ts'
import { unavailable, type TestServer } from '../server.ts'
import { writeLargeVideo } from './large-video.ts'
import { openPage, type OpenPage } from './open-page.ts'
import type { Visit } from './visit.ts'

const mebibyte = 1024 * 1024
const mp4 = 'video/mp4'

describe('The page, on an origin of its own', { skip: unavailable, timeout: 180_000 }, () => {
  let opened: OpenPage
  let server: TestServer
  let client: Client
  let folder: string
  let video: Buffer<ArrayBuffer>
  let visit: Visit | undefined
  /** What the browser may say in this test: it reports every refused request as an error. */
  let expected: RegExp[]

  before(async () => {
    opened = await openPage()
    ;({ server, client } = opened)
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-page-'))
    video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 2 })
  })
  after(async () => {
    await opened?.close()
    if (folder) await rm(folder, { recursive: true })
  })
  afterEach(async () => {
    const ending = visit
    visit = undefined
    await ending?.end(expected)
  })

  async function open(address = ''): Promise<Visit> {
    expected = []
    visit = await opened.visit(address)
    return visit
  }

  async function openSignedIn(): Promise<Visit> {
    const person = await open(`#token=${server.token}`)
    await person.isSignedIn()
    return person
  }

  async function jobNamed(filename: string): Promise<JobView> {
    const job = (await client.list()).find((candidate) => candidate.filename === filename)
    return job ?? assert.fail(`There is no job for ${filename}.`)
  }

  /** A video of more bytes than a form may have. */
  const large = (name: string, bytes: number): Promise<string> =>
    writeLargeVideo(join(folder, name), video, bytes)

  describe('uploads', () => {
    it('small files in a form, and shows them ready without being loaded again', async () => {
      const person = await openSignedIn()
      await person.page.evaluate('window.loadedOnce = true')
      await person.pick({ name: 'holiday.mp4', mimeType: mp4, buffer: video })
      await person.isReady('holiday.mp4')
      assert.equal(await person.page.evaluate('window.loadedOnce'), true)
      assert.equal(await person.entry('holiday.mp4').count(), 1)
    })

    it('files that are dropped anywhere, as the chosen quality says', async () => {
      const person = await openSignedIn()
      const { page } = person
      await page.getByLabel('MP3 quality').selectOption('96 kbit/s')
      const dropped = await page.evaluateHandle(`(() => {
        const bytes = Uint8Array.from(atob('${video.toString('base64')}'), (character) => character.charCodeAt(0))
        const transfer = new DataTransfer()
        for (const name of ['one.mp4', 'two.mp4', 'three.mp4']) transfer.items.add(new File([bytes], name))
        return transfer
      })()`)
      await page.dispatchEvent('body', 'dragover', { dataTransfer: dropped })
      await page.getByText('Drop to convert to MP3').waitFor()
      await page.dispatchEvent('body', 'drop', { dataTransfer: dropped })
      for (const name of ['one.mp4', 'two.mp4', 'three.mp4']) {
        await person.isReady(name)
        assert.equal((await jobNamed(name)).target?.bitrate, 96)
      }
    })

    it('large files by a session, in chunks straight to the bucket', async () => {
      const person = await openSignedIn()
      const requests: Request[] = []
      person.page.on('request', (request) => requests.push(request))
      await person.pick(await large('large.mp4', 17 * mebibyte))
      await person.isReady('large.mp4')
      assert.equal(await person.entry('large.mp4').count(), 1)
      assert.equal((await jobNamed('large.mp4')).size, 17 * mebibyte)
      const chunks = requests.filter((request) => request.method() === 'PUT')
      assert.deepEqual(
        new Set(chunks.map((request) => new URL(request.url()).origin)),
        new Set([server.bucketUrl]),
      )
      assert.deepEqual(
        chunks.map((request) => request.headers()['content-range']),
        ['0-8388607', '8388608-16777215', '16777216-17825791'].map((range) => `bytes ${range}/17825792`),
      )
    })

    it('large files over a connection that breaks: it asks, and goes on where it was', async () => {
      const person = await openSignedIn()
      const ranges: (string | undefined)[] = []
      await person.page.route(`${server.bucketUrl}/upload/**`, async (route) => {
        ranges.push(route.request().headers()['content-range'])
        await (ranges.length === 2 ? route.abort('connectionreset') : route.continue())
      })
      expected = [/ERR_CONNECTION_RESET/]
      await person.pick(await large('broken line.mp4', 9 * mebibyte))
      await person.isReady('broken line.mp4')
      const rest = 'bytes 8388608-9437183/9437184'
      assert.deepEqual(ranges, ['bytes 0-8388607/9437184', rest, 'bytes */9437184', rest])
    })

    it('and says when what arrived is not what was sent, and keeps saying so', async () => {
      const person = await openSignedIn()
      await person.page.route(`${server.bucketUrl}/upload/**`, async (route) => {
        if (route.request().method() !== 'PUT') return route.continue()
        const headers = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Range' }
        return route.fulfill({ status: 200, headers, json: { crc32c: 'AAAAAA==' } })
      })
      expected = [/status of 499/]
      const deleted = person.page.waitForResponse(
        (response) => response.request().method() === 'DELETE' && response.url().startsWith(server.apiUrl),
      )
      await person.pick(await large('damaged.mp4', 9 * mebibyte))
      await deleted
      await person.entry('damaged.mp4').getByText('The file was damaged on its way').waitFor()
      await person.button('Remove damaged.mp4').click()
    })

    it('until it is cancelled: nothing stays', async () => {
      const person = await openSignedIn()
      // What the bucket answers to a cancellation (Client Closed Request).
      expected = [/status of 499/]
      // The chunk is held back for ever.
      await person.page.route(`${server.bucketUrl}/upload/**`, async (route) => {
        if (route.request().method() !== 'PUT') await route.continue()
      })
      const cancelled = person.page.waitForRequest(
        (request) => request.url().startsWith(server.bucketUrl) && request.method() === 'DELETE',
      )
      const deleted = person.page.waitForResponse(
        (response) => response.request().method() === 'DELETE' && response.url().startsWith(server.apiUrl),
      )
      await person.pick(await large('unwanted.mp4', 9 * mebibyte))
      await person.entry('unwanted.mp4').getByText('Uploading').waitFor()
      await person.button('Cancel unwanted.mp4').click()
      await person.entry('unwanted.mp4').waitFor({ state: 'detached' })
      await cancelled
      assert.equal((await deleted).status(), 204)
      assert.ok((await client.list()).every(({ filename }) => filename !== 'unwanted.mp4'))
    })

    it('and says what the server says when it refuses', async () => {
      const person = await openSignedIn()
      expected = [/status of 400/]
      await person.page.route(`${server.apiUrl}/upload`, (route) => {
        // Somebody has emptied it on the way.
        const postData = (route.request().postData() ?? '').replace(
          /(Content-Type: video.mp4\r\n\r\n)[^]*(\r\n--)/,
          '$1$2',
        )
        return route.continue({ postData })
      })
      await person.pick({ name: 'emptied.mp4', mimeType: mp4, buffer: Buffer.from('\0\0\0\x20ftypisom') })
      const entry = person.entry('emptied.mp4')
      await entry.getByText('Upload failed').waitFor()
      await entry.getByText('The file has no bytes.').waitFor()
      await person.button('Remove emptied.mp4').click()
      await entry.waitFor({ state: 'detached' })
    })
  })

  describe('shows', () => {
    it('what others do to the same account', async () => {
      const person = await openSignedIn()
      const { id } = await client.upload({ filename: 'from elsewhere.mp4', bytes: video })
      await person.isReady('from elsewhere.mp4')
      await client.fetch(`/status/${id}`, { method: 'DELETE' })
      await person.entry('from elsewhere.mp4').waitFor({ state: 'detached' })
    })

    it('what happens after the stream of events broke off', async () => {
      let attempts = 0
      const person = await open()
      expected = [/ERR_FAILED/]
      await person.page.route(`${server.apiUrl}/status/events?*`, async (route) => {
        attempts += 1
        await (attempts <= 2 ? route.abort() : route.continue())
      })
      await person.signIn(server.email, server.password)
      const notice = person.page.getByText('The connection is lost.')
      await notice.waitFor()
      await notice.waitFor({ state: 'detached' })
      const { id } = await client.upload({ filename: 'after the break.mp4', bytes: video })
      await person.isReady('after the break.mp4')
      await client.fetch(`/status/${id}`, { method: 'DELETE' })
      await person.entry('after the break.mp4').waitFor({ state: 'detached' })
    })

    it('why a file that is no video failed, and offers no other try', async () => {
      const person = await openSignedIn()
      await client.upload({ filename: 'notes.avi', bytes: Buffer.from('Buy milk.') })
      const entry = person.entry('notes.avi')
      await entry.getByText('Failed', { exact: true }).waitFor()
      const { error } = await jobNamed('notes.avi')
      await entry.getByText(error?.message ?? '', { exact: true }).waitFor()
      assert.deepEqual(await entry.getByRole('button').allTextContents(), ['Delete'])
    })

    it('when what happened, on its page', async () => {
      const { id } = await client.upload({ filename: 'timed.mp4', bytes: video })
      const { times } = await client.completed(id)
      const person = await openSignedIn()
      await person.link('timed.mp4').click()
      await person.isOnJob('timed.mp4')
      const details = await person.page.locator('dl').innerText()
      for (const term of ['Start', 'AVI to MP4', 'MP4 to MP3', 'Total', 'Route'])
        assert.ok(details.includes(term), term)
      assert.ok(details.includes(times.route))
    })

    it('older files when one scrolls to them', async () => {
      const names = Array.from({ length: 60 }, (_, index) => `old ${index}.avi`)
      for (const filename of names) await client.openSession({ filename, size: 1 })
      const all = (await client.list()).length
      const person = await openSignedIn()
      await person.entry('old 59.avi').waitFor()
      assert.equal(await person.entry('old 0.avi').count(), 0)
      while (!(await person.page.locator(`[aria-posinset="${all}"]`).isVisible()))
        await person.page.keyboard.press('End')
      await person.page.mouse.move(300, 300)
      while (!(await person.entry('old 0.avi').isVisible())) await person.page.mouse.wheel(0, -300)
    })
  })

  it('works as well where the server itself serves it, with only the buckets elsewhere', async () => {
    const person = await open(`${server.apiUrl}/#token=${server.token}`)
    await person.isSignedIn()
    await person.pick({ name: 'at home.mp4', mimeType: mp4, buffer: video })
    await person.isReady('at home.mp4')
    await person.pick(await large('large at home.mp4', 9 * mebibyte))
    await person.isReady('large at home.mp4')
  })

  it('downloads the MP3 under its name', async () => {
    const { id } = await client.upload({ filename: 'song.mp4', bytes: video })
    await client.completed(id)
    const person = await openSignedIn()
    const downloading = person.page.waitForEvent('download')
    await person.button('Download song.mp4').click()
    const download = await downloading
    assert.equal(download.suggestedFilename(), 'song.mp3')
    const bytes = await readFile(await download.path())
    assert.equal(bytes.subarray(0, 3).toString(), 'ID3')
    assert.deepEqual(bytes, await client.mp3(id))
    // The page is still there.
    assert.equal(person.page.url(), `${opened.origin}/`)
    await person.isSignedIn()
  })

  it('deletes, having asked', async () => {
    const { id } = await client.upload({ filename: 'old film.mp4', bytes: video })
    await client.completed(id)
    const person = await openSignedIn()
    const dialog = person.page.getByRole('dialog')
    await person.button('Delete old film.mp4').click()
    await dialog.getByText('old film.mp4').waitFor()
    await person.page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await person.button('Delete old film.mp4').click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await person.entry('old film.mp4').waitFor({ state: 'detached' })
    assert.equal((await client.problem(`/status/${id}`)).status, 404)
  })
})
