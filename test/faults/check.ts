import { setTimeout as delay } from 'node:timers/promises'
import { jobOfSource, mp3Name } from '../../lib/jobs/names.ts'
import { Client, type JobView } from '../client.ts'
import { deliveriesPath } from '../notifications.ts'
import type { MailServer } from '../mail-server.ts'
import type { TestServer } from '../server.ts'
import type { Accepted } from './client.ts'
import { framesOf } from './sources.ts'

/** What came of everything, and each thing that must not be: none where all is well. */
export interface Found {
  counts: Record<string, number>
  wrong: string[]
}

/** What looks at one job. */
interface Look {
  client: Client
  job: Accepted
  view: JobView
  count: (what: string, by?: number) => void
  /** Says that something is wrong. */
  say: (what: string) => void
}

/** Looks at every job once nothing is under way any more. Throws the signal's reason if that takes too long. */
export async function check(
  server: TestServer,
  accepted: Accepted[],
  mails: MailServer['mails'],
  signal: AbortSignal,
): Promise<Found> {
  const client = new Client(server)
  const wrong: string[] = []
  const counts: Record<string, number> = {}
  const count = (what: string, by = 1): void => void (counts[what] = (counts[what] ?? 0) + by)

  await untilAllIsOver(client, accepted, signal)
  for (const job of accepted) {
    const say = (what: string): void => void wrong.push(`${job.filename} (${job.id}): ${what}`)
    if (job.deleted) {
      count('deleted')
      const { status } = await client.fetch(`/status/${job.id}`)
      if (status !== 404) say(`it was deleted, and is still there (${status})`)
      continue
    }
    const view = await client.job(job.id)
    count(view.status === 'FAILED' ? `failed: ${view.error?.code}` : 'completed')
    const look = { client, job, view, count, say }
    await checkAccesses(look)
    await checkOutcome(look)
    await checkMails(look, mails, signal)
  }
  wrong.push(...(await orphans(server, client, signal)))
  return { counts, wrong }
}

/** Looks half a second apart. */
const mostSending = 10
const unsettled = new Set(['WAITING', 'SENDING'])

const isOver = ({ status }: JobView): boolean => status === 'MP3_COMPLETED' || status === 'FAILED'

async function untilAllIsOver(client: Client, accepted: Accepted[], signal: AbortSignal): Promise<void> {
  const ids = new Set(accepted.filter(({ deleted }) => !deleted).map(({ id }) => id))
  for (;;) {
    const open = (await client.list()).filter((job) => ids.has(job.id) && !isOver(job))
    if (open.length === 0) return
    if (signal.aborted) throw new Error(`These are still not over: ${JSON.stringify(open, undefined, 1)}`)
    await delay(500)
  }
}

async function checkOutcome({ client, job: { source }, view, say }: Look): Promise<void> {
  const { id, status, error } = view
  const { becomes } = source
  if (status === 'MP3_COMPLETED') {
    if ('code' in becomes) say(`it was completed, and should fail with ${becomes.code}`)
    else if (!framesOf(await client.mp3(id)).equals(becomes.frames))
      say('its MP3 is another one than without faults')
  } else if (!error?.code || !error.message) say(`it is ${status} without a reason`)
  else if (error.code !== 'GAVE_UP' && !('code' in becomes && becomes.code === error.code))
    say(`it has failed with ${error.code}: ${error.message}`)
}

/** Of each download whose URL came one access is counted; of one whose answer was lost, or that nobody could write down, at most one. */
async function checkAccesses({ client, job, view, count, say }: Look): Promise<void> {
  const { id, asked, answered } = job
  if (view.status !== 'MP3_COMPLETED') return
  const counted = async (): Promise<number> => {
    const { objects } = await client.json<{ objects: { id: string; count: number }[] }>(
      `/levels/objects?id=${id}`,
    )
    return objects.find((object) => object.id === mp3Name(id))?.count ?? 0
  }
  // What came within a second of others is added up a minute later.
  for (let waited = 0; (await counted()) < answered && waited < 90; waited++) await delay(1000)
  const found = await counted()
  count('accesses counted', found)
  if (found < answered || found > asked)
    say(`${found} accesses were counted; ${asked} were asked for, and ${answered} answered`)
}

/** One mail tells of each end; where it cannot be known whether it went out, none may have. */
async function checkMails(
  { client, job: { id }, count, say }: Look,
  mails: MailServer['mails'],
  signal: AbortSignal,
): Promise<void> {
  let status: string | undefined
  // One that is being sent is noted as sent soon, or never.
  for (let sending = 0; sending < mostSending && (status === undefined || unsettled.has(status));) {
    if (signal.aborted) return say(`its mail is still ${status}`)
    const { deliveries } = await client.json<{ deliveries: { status: string }[] }>(deliveriesPath(id))
    status = deliveries[0]?.status
    if (status === 'SENDING') sending++
    if (status === undefined || unsettled.has(status)) await delay(500)
  }
  const sent = mails.filter(({ email }) => email.text?.includes(id)).length
  count(sent > 0 ? 'told by mail' : `no mail, ${status}`)
  if (sent > 1) say(`${sent} mails were sent`)
  if (sent === 0 && status === 'SENT') say('no mail was sent, and its record says that one was')
}

/** Every object belongs to a job that there is, and is more than a part. They go with the next sweeps. */
async function orphans(server: TestServer, client: Client, signal: AbortSignal): Promise<string[]> {
  for (;;) {
    const jobs = new Set((await client.list()).map(({ id }) => id))
    const belongs = (name: string): boolean => jobs.has(jobOfSource(name) ?? name.replace(/\.mp[34]$/, ''))
    const names = await server.listStored()
    const lost = names.filter((name) => !belongs(name))
    const files = (await server.countStored()) - names.length
    if (files > 0) lost.push(`${files} files that no object has`)
    if (lost.length === 0) return []
    if (signal.aborted) return lost.map((name) => `${name} belongs to no job`)
    await delay(500)
  }
}
