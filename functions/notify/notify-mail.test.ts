import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import type { SMTPServerOptions } from 'smtp-server'
import { newJobId } from '../../lib/jobs/names.ts'
import { completed, deleted, enqueued, failed } from '../../lib/jobs/testing.ts'
import { sendLogTo } from '../../lib/log.ts'
import { deliveries, endId, newDelivery, type Delivery } from '../../lib/notifications/delivery.ts'
import type { UserRecord } from '../../lib/users.ts'
import { refusal, startMailServer, type MailServer } from '../../test/mail-server.ts'
import { beginDeliveries } from './begin-deliveries.ts'
import { notify } from './notify.ts'
import type { Channels, Mailer } from './prepare.ts'
import { sendBySmtp } from './smtp.ts'
import { openNotifyWorld, type NotifyWorld } from './testing.ts'

const pageUrl = 'https://page.example/index.html'
const day = 24 * 60 * 60

describe('The mail to an owner', { timeout: 60_000 }, () => {
  let world: NotifyWorld
  let server: MailServer
  let logged = ''
  /** What the server says to the next recipients; to `silence`, nothing. */
  const refusals: (Error | 'silence')[] = []
  before(async () => {
    world = await openNotifyWorld()
    server = await startMailServer(options)
    sendLogTo((text) => (logged += text))
  })
  after(async () => {
    await server?.close()
    await world?.close()
  })

  const options: SMTPServerOptions = {
    onRcptTo(_address, _session, done) {
      const next = refusals.shift()
      if (next !== 'silence') done(next)
    },
  }
  const send: Mailer['send'] = (mail) => sendBySmtp(server.url, mail)
  const sendImpatiently: Mailer['send'] = (mail) => sendBySmtp(server.url, mail, { socketTimeout: 1000 })
  const channels = (mailer: Partial<Mailer> = {}): Channels => ({
    pageUrl,
    mailer: { from: 'Tapes <tapes@page.example>', send, ...mailer },
    call: () => assert.fail('there is no webhook'),
  })
  const event = (jobId: string, by = channels()): Promise<void> => notify({ jobId }, by)

  const mailsAbout = (id: string): MailServer['mails'] =>
    server.mails.filter(({ email }) => email.subject?.includes(id))

  async function noted(jobId: string): Promise<Delivery> {
    const [{ data } = assert.fail('nothing is noted'), ...others] = await world.noted(jobId)
    assert.deepEqual(others, [])
    return data
  }

  it('goes out once, with a link to the job, however often and at once the event comes', async () => {
    const id = await world.put(completed)
    await Promise.all(Array.from({ length: 5 }, () => event(id)))
    await event(id)
    const [{ recipients, email } = assert.fail('no mail came'), ...others] = mailsAbout(id)
    assert.deepEqual(others, [])
    assert.deepEqual(recipients, ['somebody@example.com'])
    assert.equal(email.subject, `Your MP3 is ready: ${id}.avi`)
    assert.equal(email.messageId, `<${endId(id, completed)}.mail@page.example>`)
    assert.ok(email.text?.includes(`${pageUrl}#job=${id}`))
    const delivery = await noted(id)
    assert.equal(delivery.status, 'SENT')
    assert.equal(delivery.attempts, 1)
    assert.equal(delivery.owner, `owner-of-${id}`)
    assert.ok(delivery.purgeAt > new Date())
    await world.letPass(id, day)
    assert.deepEqual(await world.sweep(id, channels()), [])
  })

  it('says that a job has failed, and once more when it fails again', async () => {
    const id = await world.put(failed)
    await event(id)
    await world.change(id, { ...failed, attempt: 2 })
    await event(id)
    assert.deepEqual(
      mailsAbout(id).map(({ email }) => email.subject),
      [`Could not be converted: ${id}.avi`, `Could not be converted: ${id}.avi`],
    )
    assert.equal(new Set(mailsAbout(id).map(({ email }) => email.messageId)).size, 2)
  })

  it('goes out once more where an upload that was given up for lost comes in: the attempt is the same', async () => {
    const id = await world.put(failed)
    await event(id)
    await world.change(id, { ...completed, attempt: failed.attempt })
    await event(id)
    assert.equal(mailsAbout(id).length, 2)
  })

  it('is marked as being sent before it is: after a crash in between it is not sent again, and the record says so', async () => {
    const id = await world.put(completed)
    const crash = new Error('the process has died')
    let whileSending: Delivery | undefined
    const dying = async (): Promise<never> => {
      whileSending = await noted(id)
      throw crash
    }
    await assert.rejects(event(id, channels({ send: dying })), crash)
    assert.equal(whileSending?.status, 'SENDING')
    await event(id)
    await world.letPass(id, day)
    assert.deepEqual(await world.sweep(id, channels()), [])
    await event(id)
    assert.equal(mailsAbout(id).length, 0)
    assert.equal((await noted(id)).status, 'SENDING')
  })

  it('is sent by sweep where whoever had begun died before that', async () => {
    const id = await world.put(completed)
    await beginDeliveries(id, channels())
    assert.equal((await noted(id)).status, 'WAITING')
    assert.deepEqual(await world.sweep(id, channels()), [`${endId(id, completed)}.mail`])
    assert.equal(mailsAbout(id).length, 1)
    assert.equal((await noted(id)).status, 'SENT')
  })

  const forTheMoment: [what: string, answer: Error | 'silence', reason: RegExp][] = [
    ['the server refuses it for the moment', refusal(450, 'come back later'), /450 come back later/],
    ['the server does not answer', 'silence', /timeout/i],
  ]
  for (const [what, answer, reason] of forTheMoment) {
    it(`is sent later, as the same mail, where ${what}`, async () => {
      const id = await world.put(completed)
      refusals.push(answer)
      await event(id, answer === 'silence' ? channels({ send: sendImpatiently }) : channels())
      const waiting = await noted(id)
      assert.equal(waiting.status, 'WAITING')
      assert.match(waiting.reason ?? '', reason)
      await event(id)
      assert.deepEqual(await world.sweep(id, channels()), [])
      assert.equal(mailsAbout(id).length, 0, 'its time has not come')
      await world.letPass(id, 15)
      await world.sweep(id, channels())
      assert.equal(mailsAbout(id)[0]?.email.messageId, `<${endId(id, completed)}.mail@page.example>`)
      const sent = await noted(id)
      assert.equal(sent.status, 'SENT')
      assert.equal(sent.reason, undefined)
      assert.equal(sent.attempts, 2)
    })
  }

  it('is given up after a day, with what the server said last', async () => {
    const id = await world.put(completed)
    refusals.push(refusal(450, 'come back later'), refusal(451, 'not yet'))
    await event(id)
    await world.letPass(id, day)
    await world.sweep(id, channels())
    const delivery = await noted(id)
    assert.equal(delivery.status, 'FAILED')
    assert.match(delivery.reason ?? '', /451 not yet/)
    assert.equal(delivery.dueAt, undefined)
    assert.equal(mailsAbout(id).length, 0)
  })

  it('is not tried again when the server refuses it for good, and says why', async () => {
    const id = await world.put(completed)
    refusals.push(refusal(550, 'nobody here'))
    await event(id)
    await event(id)
    assert.equal(mailsAbout(id).length, 0)
    const delivery = await noted(id)
    assert.equal(delivery.status, 'FAILED')
    assert.match(delivery.reason ?? '', /550 nobody here/)
    assert.equal(delivery.attempts, 1)
    assert.equal(delivery.dueAt, undefined)
  })

  it('is not tried again when nobody knows whether the server has it', async () => {
    const id = await world.put(completed)
    const unknown = channels({ send: async () => ({ result: 'unknown', reason: 'Connection closed' }) })
    await event(id, unknown)
    await event(id)
    await world.letPass(id, day)
    await world.sweep(id, channels())
    assert.equal(mailsAbout(id).length, 0)
    const delivery = await noted(id)
    assert.equal(delivery.status, 'FAILED')
    assert.equal(delivery.reason, 'Connection closed')
  })

  it('is left out where no server is configured, which is logged once, and nothing fails', async () => {
    const id = await world.put(completed)
    for (let times = 0; times < 3; times++) await event(id, { ...channels(), mailer: undefined })
    const delivery = await noted(id)
    assert.equal(delivery.status, 'SKIPPED')
    assert.equal(delivery.reasonCode, 'NO_MAIL_SERVER')
    const lines = logged.split('\n').filter((line) => line.includes(id))
    assert.equal(lines.length, 1)
    assert.match(lines[0] ?? '', /"severity":"INFO"/)
    assert.match(lines[0] ?? '', /The mail server is not set up/)
  })

  const skipped: [why: string, owner: Partial<UserRecord>, reason: RegExp][] = [
    ['has switched it off', { notifications: { mail: false } }, /switched mail off/],
    ['has an address that no mail gets to', { email: 'admin@localhost' }, /no address that mail can get to/],
    ['has no active account', { disabled: true }, /no active account/],
  ]
  for (const [why, owner, reason] of skipped) {
    it(`is left out where the owner ${why}`, async () => {
      const id = await world.put(completed, owner)
      await event(id)
      assert.equal(mailsAbout(id).length, 0)
      const delivery = await noted(id)
      assert.equal(delivery.status, 'SKIPPED')
      assert.match(delivery.reason ?? '', reason)
      assert.equal(delivery.attempts, 0)
    })
  }

  for (const [what, job] of [
    ['deleted', deleted],
    ['under way again', enqueued],
  ] as const) {
    it(`is left out where the job is ${what} by now`, async () => {
      const id = await world.put(job)
      await event(id)
      assert.equal(mailsAbout(id).length, 0)
      assert.deepEqual(await world.noted(id), [])
    })
  }

  for (const [what, job, status] of [
    ['was deleted', deleted, 'FAILED'],
    ['was taken up again', enqueued, 'SKIPPED'],
    ['was taken up again and has ended', completed, 'SKIPPED'],
  ] as const) {
    it(`does not go out late where the job ${what} meanwhile`, async () => {
      const id = await world.put(failed)
      refusals.push(refusal(450, 'come back later'))
      await event(id)
      await world.change(id, job)
      await world.letPass(id, 15)
      await world.sweep(id, channels())
      assert.equal(mailsAbout(id).length, 0)
      const delivery = await noted(id)
      assert.equal(delivery.status, status)
      assert.match(delivery.reason ?? '', new RegExp(`^The job ${what.split(' and ')[0]}`))
      assert.equal(delivery.dueAt, undefined)
    })
  }

  it('is left out where there is no such job, or no such delivery', async () => {
    const before = server.mails.length
    await event(newJobId())
    await notify({ deliveryId: randomUUID() }, channels())
    assert.equal(server.mails.length, before)
  })

  it('can be a test, which is about no job and is tried once', async () => {
    const owner = `owner-of-${await world.put(enqueued)}`
    refusals.push(refusal(450, 'come back later'))
    const outcomes: (Delivery | undefined)[] = []
    for (const deliveryId of [randomUUID(), randomUUID()]) {
      const test = newDelivery({ owner, via: 'mail' }, new Date())
      await world.records.transact(async (tx) => tx.create(deliveries, deliveryId, test))
      await notify({ deliveryId }, channels())
      outcomes.push((await world.records.get(deliveries, deliveryId)).data)
    }
    assert.deepEqual(
      outcomes.map((delivery) => delivery?.status),
      ['FAILED', 'SENT'],
    )
    assert.match(outcomes[0]?.reason ?? '', /450 come back later/)
    const mail = server.mails.at(-1)
    assert.equal(mail?.email.subject, 'A test from Tapedeck')
    assert.ok(mail?.email.text?.includes(pageUrl))
  })
})
