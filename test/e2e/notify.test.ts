import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { after, before, describe, it } from 'node:test'
import { Client } from '../client.ts'
import { refusal, startMailServer, type MailServer } from '../mail-server.ts'
import { makeVideo } from '../media.ts'
import { deliveries, startServer, unavailable, type TestServer } from '../server.ts'

for (const [how, env] of deliveries) {
  describe(`The end of a job, events coming ${how}`, { skip: unavailable, timeout: 60_000 }, () => {
    let mailServer: MailServer
    let server: TestServer
    let client: Client
    const refusals: Error[] = []
    before(async () => {
      mailServer = await startMailServer({ onRcptTo: (_to, _session, answer) => answer(refusals.shift()) })
      const mail = { SMTP_URL: mailServer.url, MAIL_FROM: 'Tapes <tapes@example.com>' }
      server = await startServer({ env: { ...env, ...mail } })
      client = new Client(server)
    })
    after(async () => {
      await server.stop()
      await mailServer.close()
    })

    const mailsAbout = (filename: string): MailServer['mails'] =>
      mailServer.mails.filter(({ email }) => email.subject?.endsWith(filename))

    async function mailAbout(filename: string): Promise<MailServer['mails'][number]> {
      for (;;) {
        const [mail] = mailsAbout(filename)
        if (mail) return mail
        await delay(25)
      }
    }

    it('is told to its owner by mail, which leads to it', async () => {
      const bytes = await makeVideo({ format: ['mp4'], audio: ['aac'] })
      const { id } = await client.upload({ filename: 'ready.mp4', bytes })
      const { recipients, sender, email } = await mailAbout('ready.mp4')
      assert.equal((await client.job(id)).status, 'MP3_COMPLETED')
      assert.deepEqual(recipients, [server.email])
      assert.equal(sender, 'tapes@example.com')
      assert.equal(email.subject, 'Your MP3 is ready: ready.mp4')
      assert.ok(email.text?.includes(`${server.apiUrl}/#job=${id}`), email.text)
    })

    it('is told when the job has failed, with the reason', async () => {
      const { id } = await client.upload({ filename: 'notes.mp4', bytes: Buffer.from('no video'.repeat(99)) })
      const { email } = await mailAbout('notes.mp4')
      const { error } = await client.job(id)
      assert.ok(error && email.text?.includes(error.message), email.text)
    })

    it('is told later where the mail server is busy', async () => {
      refusals.push(refusal(450, 'busy'))
      await client.upload({ filename: 'busy.mp4', bytes: Buffer.from('no video'.repeat(99)) })
      await mailAbout('busy.mp4')
      assert.deepEqual(refusals, [])
    })

    it('is told once', async () => {
      // It lets what is being delivered come to an end.
      await server.stop()
      for (const filename of ['ready.mp4', 'notes.mp4', 'busy.mp4'])
        assert.equal(mailsAbout(filename).length, 1, filename)
    })
  })
}
