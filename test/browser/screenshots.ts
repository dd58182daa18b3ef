import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { makeVideo, noVideo } from '../media.ts'
import { signUp } from '../accounts.ts'
import { sending } from '../client.ts'
import { writeLargeVideo } from './large-video.ts'
import { openPage } from './open-page.ts'
import { goTo } from './sample.ts'
import { limit } from './uploading.ts'
import { phone as dense, type Look, type Visit } from './visit.ts'

// The browser's own font has no Korean. It looks for others here.
const korean = '/usr/share/fonts/truetype/nanum'
if (!existsSync(korean)) throw new Error(`There is no Korean font in ${korean}: apt install fonts-nanum.`)
for (const name of ['NanumGothic.ttf', 'NanumGothicBold.ttf'])
  await cp(join(korean, name), join(tmpdir(), 'fonts', name))

/** Of all pictures, those that are named; without a name, all of them. */
const wanted = process.argv.slice(2)

const folder = join(import.meta.dirname, '../../docs/screenshots')

/** Pictures of the page's main views, for the README and for whoever has changed how it looks. */
const opened = await openPage()
const { client, server } = opened
await mkdir(folder, { recursive: true })

const words = `0.4*sin(2*PI*180*t+6*sin(2*PI*3*t))*pow(max(0,sin(0.9*t)*sin(7*t)),0.5)*(0.4+0.6*sin(0.05*t)*sin(0.05*t))`
const sound = `aevalsrc='${words}+0.02*(random(0)-0.5)|${words}+0.02*(random(1)-0.5)':s=44100:d=90`
const avi = { format: ['avi'], audio: ['pcm_s16le'], seconds: 90, source: sound }
const done = [
  await client.upload({ filename: 'Interview with the mayor, part 1.avi', bytes: await makeVideo(avi) }),
  await client.upload({
    filename: 'holiday.mp4',
    bytes: await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 30 }),
  }),
  await client.upload({ filename: 'scan of the contract.mp4', bytes: noVideo }),
  await client.upload({
    filename:
      'A lecture with a very long name that nobody has ever shortened, recorded in the great hall, second take (final, really).mp4',
    bytes: await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 45 }),
  }),
]
for (const { id } of done) await client.until(id).catch(() => undefined)
for (const name of ['archive', 'mina.park', 'press', 'theo'])
  await signUp(
    client,
    `${name}@example.com`,
    name === 'archive' ? { storedBytes: 50e9, jobs: 20, fileBytes: 'unlimited' } : undefined,
  )
await client.json(
  '/auth/me/notifications',
  sending('PUT', { webhooks: [{ url: 'https://hooks.example.com/tapedeck' }] }),
)
const [first, , failed] = done
const video = await makeVideo({ format: ['mp4'], audio: ['aac'], seconds: 1 })
const lessons = await mkdtemp(join(tmpdir(), 'tapedeck-lessons-'))
const largeFiles = await Promise.all(
  [128, 96, 160, 45, 210, 80, 72, 155].map((megabytes, index) =>
    writeLargeVideo(join(lessons, `Lesson ${index + 1}, the whole morning.mp4`), video, megabytes * 1e6),
  ),
)
await writeFile(join(lessons, 'notes.mp4'), noVideo)

const desk = { width: 1100, height: 720 }

/** Takes a picture of what a page shows, once `ready` has been. */
async function picture(
  name: string,
  begin: () => Promise<Visit>,
  ready: (page: Page) => Promise<void>,
): Promise<void> {
  if (wanted.length > 0 && !wanted.includes(name)) return
  const visit = await begin()
  const { page } = visit
  await ready(page)
  await delay(300)
  // A question darkens the window, not what lies below it.
  if ((await page.getByRole('dialog').count()) === 0) await showAll(page)
  await page.screenshot({ path: join(folder, `${name}.png`) })
  await visit.end([/ERR_FAILED/])
}

/** Makes the window as high as the page. (Taking a `fullPage` picture, the browser forgets that this is a phone.) */
async function showAll(page: Page): Promise<void> {
  const { width, height } = page.viewportSize() ?? desk
  const all = await page.evaluate<number>('document.documentElement.scrollHeight')
  await page.setViewportSize({ width, height: Math.max(height, all) })
  await delay(300)
}

/** The same, of what an address shows to an administrator. */
async function take(
  name: string,
  hash: string,
  look: Look,
  ready: (page: Page) => Promise<void>,
): Promise<void> {
  const begin = async (): Promise<Visit> => {
    const visit = await opened.visit(`#token=${server.token}`, look)
    await visit.page.getByRole('navigation').waitFor()
    if (hash !== '') await goTo(visit.page, hash)
    return visit
  }
  await picture(name, begin, ready)
}

/** Not quite as dense as it is: the pictures are to stay small. */
const phone: Look = { ...dense, deviceScaleFactor: 1.5 }
const job = `job=${first?.id}`
const listed = async (page: Page): Promise<void> => page.getByText('holiday.mp4').first().waitFor()
const drawn = async (page: Page): Promise<void> => page.locator('.timeline li').first().waitFor()
/** Files on their way of which some wait, one is paused and one is no video. */
async function uploading(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Network.enable')
  await limit(devtools, 12e6)
  const choosing = page.waitForEvent('filechooser')
  await page.locator('.add button').click()
  await (await choosing).setFiles([...largeFiles, join(lessons, 'notes.mp4')])
  await page.locator('.waiting').waitFor()
  await page.locator('.file .notice.error').first().waitFor()
  // How fast it goes is known after a while.
  for (let begun = false; !begun; await delay(200)) {
    const shares = await page.locator('.file .facts', { hasText: '/s' }).allInnerTexts()
    begun = shares.some((text) => Number(/(\d+) %/.exec(text)?.[1] ?? 0) >= 25)
  }
  await page.getByRole('button', { name: 'Pause Lesson' }).nth(1).click()
  await delay(500)
}

/** What it has begun does not belong into the next picture. */
async function forgetUploads(): Promise<void> {
  for (const { id, status } of await client.list())
    if (status === 'UPLOADING') await client.fetch(`/status/${id}`, { method: 'DELETE' })
}

async function asking(page: Page): Promise<void> {
  await listed(page)
  await page.getByRole('button', { name: /^Delete Interview/ }).click()
  await page.getByRole('dialog').waitFor()
}

async function mistaken(page: Page): Promise<void> {
  await tabled(page)
  await page.locator('.levels input').nth(4).fill('1500')
  await page.locator('.mistake').first().waitFor()
}

async function limiting(page: Page): Promise<void> {
  await tabled(page)
  await page.locator('.users tbody button').first().click()
  await page.locator('.limit select').first().selectOption({ index: 2 })
  await page.locator('.limit input').fill('lots')
  await page.locator('.limit select').nth(1).selectOption({ index: 2 })
  await page.locator('.limit input').nth(1).fill('20')
}

/** A conversion as it was a while ago. */
async function running(page: Page): Promise<void> {
  const { target: _, ...begun } = await client.job(first?.id ?? '')
  const json = { ...begun, status: 'CREATING_MP3', progress: 0.4, timeline: begun.timeline.slice(0, -1) }
  const headers = { 'access-control-allow-origin': opened.origin }
  await page.route(`${server.apiUrl}/status/${begun.id}`, (route) => route.fulfill({ json, headers }))
  // What is listed would tell how it is now.
  await page.route(`${server.apiUrl}/status?**`, () => undefined)
  await page.reload()
  await drawn(page)
}

const told = async (page: Page): Promise<void> => page.locator('.webhooks').waitFor()
const tabled = async (page: Page): Promise<void> => page.locator('main table').first().waitFor()

await take('files', '', { viewport: desk }, listed)
await take('files-dark', '', { viewport: desk, colorScheme: 'dark' }, listed)
await take('files-korean', '', { viewport: desk, locale: 'ko-KR' }, listed)
await take('files-phone', '', phone, listed)
await take('job', job, { viewport: desk }, drawn)
await take('job-dark', job, { viewport: desk, colorScheme: 'dark' }, drawn)
await take('job-korean-phone', job, { ...phone, locale: 'ko-KR' }, drawn)
await take('job-failed', `job=${failed?.id}`, { viewport: desk }, drawn)
await take('storage', 'tiers', { viewport: desk }, tabled)
await take('storage-dark', 'tiers', { viewport: desk, colorScheme: 'dark' }, tabled)
await take('storage-mistake', 'tiers', { viewport: desk }, mistaken)
await take('storage-phone', 'tiers', phone, tabled)
await take('users', 'users', { viewport: desk }, tabled)
await take('users-phone', 'users', { ...phone, locale: 'ko-KR' }, tabled)
await take('limits', 'users', { viewport: desk }, limiting)
await take('limits-phone', 'users', { ...phone, locale: 'ko-KR' }, limiting)
await take('job-running', job, { viewport: desk }, running)
await take('account', 'account', { viewport: desk }, told)
await take('account-dark', 'account', { viewport: desk, colorScheme: 'dark' }, told)
await take('account-phone', 'account', { ...phone, locale: 'ko-KR' }, told)
await take('job-korean', job, { viewport: desk, locale: 'ko-KR' }, drawn)
await take('delete', '', { viewport: desk }, asking)
await take('delete-phone', '', { ...phone, colorScheme: 'dark' }, asking)
await take('uploads', '', { viewport: desk }, uploading)
await forgetUploads()
await take('uploads-phone', '', { ...phone, viewport: { width: 360, height: 760 } }, uploading)
await forgetUploads()
await rm(lessons, { recursive: true })

const signIn = async (page: Page): Promise<void> => page.locator('.sign-in').waitFor()
await picture('sign-in', () => opened.visit('', { viewport: desk }), signIn)
await picture(
  'sign-in-phone',
  () => opened.visit('', { ...phone, locale: 'ko-KR', colorScheme: 'dark' }),
  signIn,
)

const beginner = await signUp(client)
const empty = async (page: Page): Promise<void> => page.locator('.placeholder').waitFor()
await picture('empty', () => opened.visit(`#token=${beginner.token}`, { viewport: desk }), empty)
await picture(
  'not-for-you',
  () => opened.visit(`#token=${beginner.token}`, { viewport: desk }),
  async (page) => {
    await page.getByRole('navigation').waitFor()
    await goTo(page, 'users')
    await empty(page)
  },
)
await picture(
  'offline',
  () => opened.visit('', { viewport: desk }),
  async (page) => {
    await page.route(/\/(status|auth\/users)/, (route) => route.abort())
    await page.getByLabel('E-mail').fill(server.email)
    await page.getByLabel('Password').fill(server.password)
    await page.locator('.sign-in button').click()
    await page.locator('.toast').waitFor()
  },
)
await opened.close()
console.log(`The pictures are in ${folder}.`)
