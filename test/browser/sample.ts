import type { Page } from 'playwright-core'
import { signUp, type User } from '../accounts.ts'
import { sending, type Client, type JobView } from '../client.ts'
import { makeVideo, noVideo } from '../media.ts'
import type { OpenPage } from './open-page.ts'
import type { Look, Visit } from './visit.ts'

export const longName = `${'A-very-long-name-without-any-place-to-break-it'.repeat(4)}.mp4`
export const longEmail = `${'somebody-with-a-long-name'.repeat(2)}@${'a-host-with-a-long-name.'.repeat(5)}example.com`
const longUrl = `https://hooks.example.com/${'a-path-with-many-letters'.repeat(8)}`

/** What a server has whose page is looked at: jobs in several states, and names, addresses and URLs that are long. */
export interface Sample {
  /** An AVI. */
  video: Buffer<ArrayBuffer>
  ready: JobView
  failed: JobView
  /** Somebody who has nothing yet. */
  beginner: User
  /** An administrator's views: what they are called, their addresses, and what is there once they are loaded. */
  views: [name: string, address: string, isThere: string][]
}

export async function makeSample(client: Client): Promise<Sample> {
  const video = await makeVideo({ format: ['avi'], audio: ['pcm_s16le'], seconds: 1 })
  const ready = await client.upload({ filename: 'ready.avi', bytes: video })
  const failed = await client.upload({ filename: longName, bytes: noVideo })
  const running = await client.upload({ filename: 'running.avi', bytes: video })
  await client.openSession({ filename: 'unfinished.mp4', size: 1000 })
  for (const { id } of [ready, running]) await client.completed(id)
  await client.failed(failed.id)
  const beginner = await signUp(client)
  const disabled = await signUp(client, longEmail)
  const quota = { storedBytes: 1_234_567_891, jobs: 'unlimited', fileBytes: 1e12 }
  await client.json(`/auth/users/${disabled.id}`, sending('PATCH', { disabled: true, quota }))
  await client.json('/auth/me/notifications', sending('PUT', { webhooks: [{ url: longUrl }] }))
  const views: Sample['views'] = [
    ['files', '', '.file >> text=ready.avi'],
    ['a job that is ready', `job=${ready.id}`, '.timeline li'],
    ['a job that failed', `job=${failed.id}`, '.timeline li'],
    ['storage', 'tiers', '.chart'],
    ['users', 'users', '.users'],
    ['account', 'account', '.webhooks'],
  ]
  return { video, ready, failed, beginner, views }
}

/** Goes to another section, as a link does. */
export const goTo = (page: Page, address: string): Promise<unknown> =>
  page.evaluate(`location.hash = ${JSON.stringify(address)}`)

/** Shows the job named running.avi as it was a while ago. */
export async function pretendRunning(page: Page, { apiUrl }: { apiUrl: string }): Promise<void> {
  await page.route(`${apiUrl}/status?**`, async (route) => {
    const response = await route.fetch()
    const answer = (await response.json()) as { jobs: JobView[] }
    const jobs = answer.jobs.map((job) =>
      job.filename === 'running.avi' ? { ...job, status: 'CREATING_MP3', progress: 0.4 } : job,
    )
    await route.fulfill({ response, json: { ...answer, jobs } })
  })
}

/** Begins a visit with this token at this address, as a link leads there. */
export async function visitAt(opened: OpenPage, token: string, address: string, look?: Look): Promise<Visit> {
  const visit = await visitAs(opened, token, look)
  await goTo(visit.page, address)
  return visit
}

/** Half a minute as an AVI that browsers can play once it is an MP4; `source` is its sound, for ffmpeg. */
export async function makeFilm(client: Client, source?: string): Promise<JobView> {
  const bytes = await makeVideo({
    format: ['avi'],
    audio: ['libmp3lame'],
    video: ['libx264', '-pix_fmt', 'yuv420p', '-preset', 'ultrafast'],
    seconds: 30,
    ...(source !== undefined && { source }),
  })
  return client.completed((await client.uploadEither({ filename: 'film.avi', bytes })).id)
}

/** Begins a visit with this token; without one, at the sign-in. */
export async function visitAs(opened: OpenPage, token?: string, look?: Look): Promise<Visit> {
  const visit = await opened.visit(token === undefined ? '' : `#token=${token}`, look)
  if (token !== undefined) await visit.page.getByRole('navigation').waitFor()
  return visit
}
