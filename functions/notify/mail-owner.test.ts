import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { SMTPServerOptions } from 'smtp-server'
import { jobs, type Job } from '../../lib/jobs/job.ts'
import { newJobId } from '../../lib/jobs/names.ts'
import { completed, deleted, enqueued, failed } from '../../lib/jobs/testing.ts'
import { sendLogTo } from '../../lib/log.ts'
import { deliveries, endId, type Delivery } from '../../lib/notifications/delivery.ts'
import { users, type UserRecord } from '../../lib/users.ts'
import { localPlatform, type LocalPlatform } from '../../platform/local/platform.ts'
import { refusal, startMailServer, type MailServer } from '../../test/mail-server.ts'
import { mailOwner, type Mailer } from './mail-owner.ts'
import { sendBySmtp } from './smtp.ts'

const pageUrl = 'https://page.example/index.html'
const password = { algorithm: 'argon2id', memory: 1, passes: 1, parallelism: 1, salt: '', hash: '' } as const
const somebody: UserRecord = {
  email: 'somebody@example.com',
  role: 'user',
  password,
  disabled: false,
  createdAt: new Date(0),
}

describe('The mail to an owner', { timeout: 60_000 }, () => {
  let folder: string
  let local: LocalPlatform
  let server: MailServer
  let logged = ''
  const refusals: Error[] = []
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tapedeck-notify-'))
    process.env['DATA_DIR'] = folder
    local = await localPlatform()
    server = await startMailServer(options)
    sendLogTo((text) => (logged += text))
  })
  after(async () => {
    await server.close()
    await local.close()
    await rm(folder, { recursive: true })
  })

  /** Refuses recipients as often as something lies in `refusals`. */
  const options: SMTPServerOptions = { onRcptTo: (_address, _session, done) => done(refusals.shift()) }
  const mailer = (): Mailer => ({
    from: 'Tapes <tapes@page.example>',
    send: (mail) => sendBySmtp(server.url, mail),
  })
  const event = (id: string, by: Mailer | undefined = mailer()): Promise<void> => mailOwner(id, pageUrl, by)

  /** A job of somebody's, who is somebody else every time. */
  async function put(job: Job, user: Partial<UserRecord> = {}): Promise<string> {
    const id = newJobId()
    const records = await local.records()
    await records.transact(async (tx) => {
      tx.set(users, `owner-of-${id}`, { ...somebody, ...user })
      tx.set(jobs, id, { ...job, owner: `owner-of-${id}`, filename: `${id}.avi` })
    })
    return id
  }
  /** The job after more has happened to it than by its first end. */
  async function endAgain(id: string, job: Job): Promise<void> {
    const records = await local.records()
    const { data } = await records.get(jobs, id)
    assert.ok(data)
    const { owner, filename } = data
    const timeline = { ...data.timeline, ...renumbered(job.timeline) }
    await records.transact(async (tx) => tx.set(jobs, id, { ...job, owner, filename, timeline }))
  }

  const mailsAbout = (id: string): MailServer['mails'] =>
    server.mails.filter(({ email }) => email.subject?.includes(id))

  async function noted(id: string, job: Job): Promise<Delivery | undefined> {
    const records = await local.records()
    return (await records.get(deliveries, `${endId(id, job)}.mail`)).data
  }

  it('goes out once, with a link to the job, however often and at once the event comes', async () => {
    const id = await put(completed)
    await Promise.all(Array.from({ length: 5 }, () => event(id)))
    await event(id)
    const mails = mailsAbout(id)
    assert.equal(mails.length, 1)
    assert.deepEqual(mails[0]?.recipients, ['somebody@example.com'])
    assert.equal(mails[0]?.email.subject, `Your MP3 is ready: ${id}.avi`)
    assert.equal(mails[0]?.email.messageId, `<${endId(id, completed)}@page.example>`)
    assert.ok(mails[0]?.email.text?.includes(`${pageUrl}#job=${id}`))
    const delivery = await noted(id, completed)
    assert.equal(delivery?.status, 'SENT')
    assert.equal(delivery?.attempts, 1)
    assert.equal(delivery?.owner, `owner-of-${id}`)
    assert.ok(delivery && delivery.purgeAt > new Date())
  })

  it('says that a job has failed, and once more when it fails again', async () => {
    const id = await put(failed)
    await event(id)
    await endAgain(id, { ...failed, attempt: 2 })
    await event(id)
    assert.deepEqual(
      mailsAbout(id).map(({ email }) => email.subject),
      [`Could not be converted: ${id}.avi`, `Could not be converted: ${id}.avi`],
    )
    assert.equal(new Set(mailsAbout(id).map(({ email }) => email.messageId)).size, 2)
  })

  it('goes out once more where an upload that was given up for lost comes in: the attempt is the same', async () => {
    const id = await put(failed)
    await event(id)
    await endAgain(id, { ...completed, attempt: failed.attempt })
    await event(id)
    assert.equal(mailsAbout(id).length, 2)
  })

  it('is never sent twice: after a crash while it is being sent, it stays marked as that', async () => {
    const id = await put(completed)
    const crash = new Error('the process has died')
    const dying = { ...mailer(), send: () => Promise.reject(crash) }
    await assert.rejects(event(id, dying), crash)
    await event(id)
    assert.equal(mailsAbout(id).length, 0)
    assert.equal((await noted(id, completed))?.status, 'SENDING')
  })

  it('is tried again when the server refuses it for the moment, and says so meanwhile', async () => {
    const id = await put(completed)
    refusals.push(refusal(450, 'come back later'))
    await assert.rejects(event(id), /did not take a mail: .*450 come back later/)
    const waiting = await noted(id, completed)
    assert.equal(waiting?.status, 'WAITING')
    assert.match(waiting?.reason ?? '', /450 come back later/)
    await event(id)
    assert.equal(mailsAbout(id).length, 1)
    const sent = await noted(id, completed)
    assert.equal(sent?.status, 'SENT')
    assert.equal(sent?.reason, undefined)
    assert.equal(sent?.attempts, 2)
    assert.deepEqual(sent?.createdAt, waiting?.createdAt)
  })

  it('is not tried again when the server refuses it for good, and says why', async () => {
    const id = await put(completed)
    refusals.push(refusal(550, 'nobody here'))
    await event(id)
    await event(id)
    assert.equal(mailsAbout(id).length, 0)
    const delivery = await noted(id, completed)
    assert.equal(delivery?.status, 'FAILED')
    assert.match(delivery?.reason ?? '', /550 nobody here/)
    assert.equal(delivery?.attempts, 1)
  })

  it('is not tried again when nobody knows whether the server has it', async () => {
    const id = await put(completed)
    await event(id, { ...mailer(), send: async () => ({ result: 'unknown', reason: 'Connection closed' }) })
    await event(id)
    assert.equal(mailsAbout(id).length, 0)
    const delivery = await noted(id, completed)
    assert.equal(delivery?.status, 'FAILED')
    assert.match(delivery?.reason ?? '', /not sent twice\. \(Connection closed\)$/)
  })

  it('is left out where no server is configured, which is logged once', async () => {
    const id = await put(completed)
    for (let times = 0; times < 3; times++) await mailOwner(id, pageUrl, undefined)
    const delivery = await noted(id, completed)
    assert.equal(delivery?.status, 'SKIPPED')
    assert.match(delivery?.reason ?? '', /No mail server is configured/)
    const lines = logged.split('\n').filter((line) => line.includes(id))
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /"severity":"INFO"/)
  })

  const skipped: [why: string, user: Partial<UserRecord>, reason: RegExp][] = [
    ['has switched it off', { notifications: { mail: false } }, /switched mail off/],
    ['has an address that no mail gets to', { email: 'admin@localhost' }, /no address that mail can get to/],
    ['has no active account', { disabled: true }, /no active account/],
  ]
  for (const [why, user, reason] of skipped) {
    it(`is left out where the owner ${why}`, async () => {
      const id = await put(completed, user)
      await event(id)
      assert.equal(mailsAbout(id).length, 0)
      const delivery = await noted(id, completed)
      assert.equal(delivery?.status, 'SKIPPED')
      assert.match(delivery?.reason ?? '', reason)
      assert.equal(delivery?.attempts, 0)
    })
  }

  for (const [what, job] of [
    ['deleted', deleted],
    ['under way again', enqueued],
  ] as const) {
    it(`is left out where the job is ${what} by now`, async () => {
      const id = await put(job)
      await event(id)
      assert.equal(mailsAbout(id).length, 0)
      assert.equal(await noted(id, job), undefined)
    })
  }

  it('is left out where there is no such job', () => event(newJobId()))
})

/** The entries of a timeline as those that come after a hundred others. */
const renumbered = (timeline: Job['timeline']): Job['timeline'] =>
  Object.fromEntries(Object.entries(timeline).map(([key, entry]) => [`0001${key.slice(-2)}`, entry]))
