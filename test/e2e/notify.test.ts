import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import { buffer } from 'node:stream/consumers'
import type { SMTPServerOptions } from 'smtp-server'
import { signUp } from '../accounts.ts'
import { Client, sending } from '../client.ts'
import { refusal, startMailServer, type MailServer } from '../mail-server.ts'
import { makeVideo, noVideo } from '../media.ts'
import {
  deliveriesPath,
  deliveryOnce,
  readSettings,
  settingsPath,
  testPath,
  type Notifications,
} from '../notifications.ts'
import { deliveries, startServer, unavailable, type TestServer } from '../server.ts'

const sweptOften = { SWEEP_SECONDS: '0.5' }
const mailBy = ({ url }: MailServer): Record<string, string> => ({
  ...sweptOften,
  SMTP_URL: url,
  MAIL_FROM: 'Tapes <tapes@example.com>',
})

const mailsAbout = ({ mails }: MailServer, text: string): MailServer['mails'] =>
  mails.filter(({ email }) => email.subject?.endsWith(text))

async function mailAbout(server: MailServer, text: string): Promise<MailServer['mails'][number]> {
  for (;;) {
    const [mail] = mailsAbout(server, text)
    if (mail) return mail
    // The waiting alone keeps no process alive whose test has run out of time.
    await delay(25, undefined, { ref: false })
  }
}

for (const [how, env] of deliveries) {
  describe(`The end of a job, events coming ${how}`, { skip: unavailable, timeout: 180_000 }, () => {
    let mailServer: MailServer
    let server: TestServer
    let client: Client
    const refusals: Error[] = []
    before(async () => {
      mailServer = await startMailServer({ onRcptTo: (_to, _session, answer) => answer(refusals.shift()) })
      server = await startServer({ env: { ...env, ...mailBy(mailServer) } })
      client = new Client(server)
    })
    after(async () => {
      await server?.stop()
      await mailServer?.close()
    })

    it('is told to its owner by mail, which leads to it', async () => {
      const bytes = await makeVideo({ format: ['mp4'], audio: ['aac'] })
      const { id } = await client.upload({ filename: 'ready.mp4', bytes })
      const { recipients, sender, email } = await mailAbout(mailServer, 'ready.mp4')
      assert.equal((await client.job(id)).status, 'MP3_COMPLETED')
      assert.deepEqual(recipients, [server.email])
      assert.equal(sender, 'tapes@example.com')
      assert.equal(email.subject, 'Your MP3 is ready: ready.mp4')
      assert.ok(email.text?.includes(`${server.apiUrl}/#job=${id}`), email.text)
      const shown = await deliveryOnce(client, deliveriesPath(id), ({ status }) => status === 'SENT')
      assert.equal(shown.via, 'mail')
      assert.equal(shown.attempts, 1)
    })

    it('is told when the job has failed, with the reason', async () => {
      const { id } = await client.upload({ filename: 'notes.mp4', bytes: noVideo })
      const { email } = await mailAbout(mailServer, 'notes.mp4')
      const { error } = await client.job(id)
      assert.ok(error && email.text?.includes(error.message), email.text)
    })

    it('is told later where the mail server is busy, and shown as waiting meanwhile', async () => {
      refusals.push(refusal(450, 'busy'))
      const { id } = await client.upload({ filename: 'busy.mp4', bytes: noVideo })
      const waiting = await deliveryOnce(client, deliveriesPath(id), ({ reason }) => reason !== undefined)
      assert.equal(waiting.status, 'WAITING')
      assert.match(waiting.reason ?? '', /450 busy/)
      assert.ok(waiting.nextAt && waiting.nextAt > waiting.updatedAt)
      await mailAbout(mailServer, 'busy.mp4')
      const sent = await deliveryOnce(client, deliveriesPath(id), ({ status }) => status === 'SENT')
      assert.equal(sent.attempts, 2)
      assert.equal(sent.id, waiting.id)
    })

    it('is told once', async () => {
      // It lets what is being delivered come to an end.
      await server.stop()
      for (const filename of ['ready.mp4', 'notes.mp4', 'busy.mp4'])
        assert.equal(mailsAbout(mailServer, filename).length, 1, filename)
    })
  })
}

describe('Mails to a user', { skip: unavailable, timeout: 180_000 }, () => {
  let mailServer: MailServer
  let server: TestServer
  let admin: Client
  let anna: Client
  let ben: Client
  before(async () => {
    mailServer = await startMailServer()
    server = await startServer({ env: mailBy(mailServer) })
    admin = new Client(server)
    anna = await signUp(admin, 'anna@example.com')
    ben = await signUp(admin, 'ben@localhost')
  })
  after(async () => {
    await server?.stop()
    await mailServer?.close()
  })

  it('are on until they switch them off', async () => {
    assert.deepEqual(await readSettings(anna), {
      mail: { enabled: true, address: 'anna@example.com' },
      webhooks: [],
      deliveries: [],
    })
    const changed = await anna.json<Notifications>(settingsPath, sending('PUT', { mail: { enabled: false } }))
    assert.equal(changed.mail.enabled, false)
    const { id } = await anna.upload({ filename: 'silent.mp4', bytes: noVideo })
    const left = await deliveryOnce(anna, deliveriesPath(id), ({ status }) => status === 'SKIPPED')
    assert.match(left.reason ?? '', /switched mail off/)
    assert.equal(mailsAbout(mailServer, 'silent.mp4').length, 0)
    assert.equal((await readSettings(admin)).mail.enabled, true, 'it is hers alone')
    await anna.json(settingsPath, sending('PUT', { mail: { enabled: true } }))
    await anna.upload({ filename: 'loud.mp4', bytes: noVideo })
    await mailAbout(mailServer, 'loud.mp4')
  })

  it('are not sent to an address that no mail gets to, which the settings say', async () => {
    assert.match((await readSettings(ben)).mail.reason ?? '', /^ben@localhost is no address/)
    const { id } = await ben.upload({ filename: 'nowhere.mp4', bytes: noVideo })
    const left = await deliveryOnce(ben, deliveriesPath(id), ({ status }) => status === 'SKIPPED')
    assert.match(left.reason ?? '', /^ben@localhost is no address/)
  })

  it('can be tried out', async () => {
    const test = await anna.json<{ id: string; status: string; jobId?: string }>(
      testPath,
      sending('POST', { via: 'mail' }),
      202,
    )
    assert.equal(test.status, 'WAITING')
    assert.equal(test.jobId, undefined)
    const { recipients } = await mailAbout(mailServer, 'A test from Tapedeck')
    assert.deepEqual(recipients, ['anna@example.com'])
    await deliveryOnce(anna, settingsPath, ({ id, status }) => id === test.id && status === 'SENT')
  })

  it('are listed for them, newest first, and for nobody else', async () => {
    const { id } = await anna.upload({ filename: 'last.mp4', bytes: noVideo })
    await deliveryOnce(anna, settingsPath, ({ jobId, status }) => jobId === id && status === 'SENT')
    const { deliveries: hers } = await readSettings(anna)
    assert.equal(hers[0]?.jobId, id)
    const times = hers.map(({ createdAt }) => createdAt)
    assert.deepEqual(times, times.toSorted().toReversed())
    const his = (await readSettings(ben)).deliveries.map((delivery) => delivery.id)
    assert.ok(!hers.some((delivery) => his.includes(delivery.id)))
    assert.equal((await ben.problem(deliveriesPath(id))).code, 'NOT_FOUND')
    assert.equal((await deliveryOnce(admin, deliveriesPath(id), () => true)).id, hers[0]?.id)
  })
})

describe('A mail that is being sent when the machine dies', { skip: unavailable, timeout: 180_000 }, () => {
  it('is not sent again, and is shown as being sent', async (t) => {
    const begun: string[] = []
    const dies = Promise.withResolvers<void>()
    /** Has the whole mail, but never says so, where that is about this file. */
    const options: SMTPServerOptions = {
      onData(stream, _session, answer) {
        const receive = async (): Promise<void> => {
          const text = (await buffer(stream)).toString()
          begun.push(text)
          if (text.includes('cut.mp4')) dies.resolve()
          else answer()
        }
        receive().catch(answer)
      },
    }
    const mailServer = await startMailServer(options)
    t.after(() => mailServer.close())
    const env = mailBy(mailServer)
    const first = await startServer({ env })
    t.after(() => first.stop())
    const { id } = await new Client(first).upload({ filename: 'cut.mp4', bytes: noVideo })
    await dies.promise
    await first.kill()
    const second = await startServer({ env, dataDir: first.dataDir })
    t.after(() => second.stop())
    const client = new Client(second)
    // Its events come again meanwhile, and this one's go the same way.
    const other = await client.upload({ filename: 'other.mp4', bytes: noVideo })
    await deliveryOnce(client, deliveriesPath(other.id), ({ status }) => status === 'SENT')
    const shown = await deliveryOnce(client, deliveriesPath(id), () => true)
    assert.equal(shown.status, 'SENDING')
    await second.stop()
    assert.equal(begun.filter((text) => text.includes('cut.mp4')).length, 1)
  })
})

describe('Without a mail server', { skip: unavailable, timeout: 180_000 }, () => {
  it('nothing fails: that no mail is sent is logged, and shown', async (t) => {
    const server = await startServer({ env: sweptOften })
    t.after(() => server.stop())
    const client = new Client(server)
    const { id } = await client.upload({ filename: 'a.mp4', bytes: noVideo })
    const { reason } = await deliveryOnce(client, deliveriesPath(id), ({ status }) => status === 'SKIPPED')
    assert.match(reason ?? '', /The mail server is not set up/)
    await server.stop()
    const lines = server.log().split('\n')
    assert.equal(lines.filter((line) => line.includes('The mail server is not set up')).length, 1)
    assert.doesNotMatch(server.log(), /"severity":"ERROR"/)
  })
})
