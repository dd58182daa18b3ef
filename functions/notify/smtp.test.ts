import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { after, describe, it } from 'node:test'
import type { SMTPServerOptions } from 'smtp-server'
import { refusal, startMailServer, type MailServer } from '../../test/mail-server.ts'
import { because } from '../../lib/notifications/reasons.ts'
import type { Outcome } from './outcome.ts'
import { sendBySmtp, type Mail } from './smtp.ts'

const mail: Mail = {
  from: 'Tapes <tapes@tapedeck.example>',
  to: 'somebody@example.com',
  messageId: '1.2@tapedeck.example',
  subject: 'Your MP3 is ready: holiday.avi',
  text: 'Your MP3 is ready.',
  html: '<p>Your MP3 is ready.</p>',
}

describe('Sending a mail by SMTP', { timeout: 30_000 }, () => {
  const servers: MailServer[] = []
  after(async () => {
    await Promise.all(servers.map((server) => server.close()))
  })
  async function start(options?: SMTPServerOptions): Promise<MailServer> {
    const server = await startMailServer(options)
    servers.push(server)
    return server
  }

  it('hands it over as text and HTML, with its own Message-ID, marked as written by no person', async () => {
    const { url, mails } = await start()
    assert.deepEqual(await sendBySmtp(url, mail), { result: 'sent' })
    const [{ sender, recipients, email } = assert.fail('no mail came')] = mails
    assert.equal(sender, 'tapes@tapedeck.example')
    assert.deepEqual(recipients, ['somebody@example.com'])
    assert.equal(email.from?.name, 'Tapes')
    assert.equal(email.to?.[0]?.address, 'somebody@example.com')
    assert.equal(email.subject, mail.subject)
    assert.equal(email.messageId, '<1.2@tapedeck.example>')
    assert.equal(email.text?.trim(), mail.text)
    assert.equal(email.html?.trim(), mail.html)
    assert.equal(email.headers.find(({ key }) => key === 'auto-submitted')?.value, 'auto-generated')
  })

  it('lets nothing in a subject become a header or another recipient', async () => {
    const { url, mails } = await start()
    const subject = 'a\r\nBcc: victim@example.com\r\nX-Evil: 1\r\n\r\n<b>body</b>\u2028\0 ü 🎵'
    await sendBySmtp(url, { ...mail, subject })
    const [{ recipients, email } = assert.fail('no mail came')] = mails
    assert.deepEqual(recipients, ['somebody@example.com'])
    const headers = email.headers.map(({ key }) => key)
    assert.deepEqual(
      headers.filter((key) => key === 'bcc' || key === 'x-evil'),
      [],
    )
    assert.match(email.subject ?? '', /^a .*X-Evil: 1.*🎵$/s)
    assert.equal(email.text?.trim(), mail.text)
  })

  const refusals: [what: string, options: SMTPServerOptions, result: Outcome['result']][] = [
    ['a recipient for the moment', at('onRcptTo', 450), 'later'],
    ['a recipient for good', at('onRcptTo', 550), 'refused'],
    ['a sender for the moment', at('onMailFrom', 451), 'later'],
    ['a sender for good', at('onMailFrom', 553), 'refused'],
    ['the content for the moment', { onData: drain((done) => done(refusal(452, 'full'))) }, 'later'],
    ['the content for good', { onData: drain((done) => done(refusal(554, 'spam'))) }, 'refused'],
    ['everybody for the moment', { onConnect: (_session, done) => done(refusal(421, 'busy')) }, 'later'],
  ]
  for (const [what, options, result] of refusals) {
    it(`is ${result} where the server refuses ${what}`, async () => {
      const { url } = await start(options)
      const outcome = await sendBySmtp(url, mail)
      assert.equal(outcome.result, result, outcome.reason)
      assert.equal(outcome.reasonCode, 'MAIL_REFUSED')
      assert.match(outcome.reason ?? '', /\b[45]\d\d\b/, 'it says what the server said')
    })
  }

  it('is left for later where name and password are wrong: that is nothing about the mail', async () => {
    const { url } = await start({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(refusal(535, 'who are you')),
    })
    const outcome = await sendBySmtp(url.replace('//', '//name:wrong@'), mail)
    assert.deepEqual(outcome, { result: 'later', ...because('LOGIN_REFUSED') })
  })

  it('is left for later where nobody listens', async () => {
    const server = await startMailServer()
    await server.close()
    assert.equal((await sendBySmtp(server.url, mail)).result, 'later')
  })

  it('is left for later where the server does not say a word', async () => {
    const { url, close } = await silent()
    const { result, reason } = await sendBySmtp(url, mail, { greetingTimeout: 200 })
    await close()
    assert.equal(result, 'later', reason)
  })

  it('is left for later where the server says nothing more before it has the mail', async () => {
    const { url } = await start({ onRcptTo: () => undefined })
    const { result, reason } = await sendBySmtp(url, mail, { socketTimeout: 200 })
    assert.equal(result, 'later', reason)
  })

  it('is left for later where the server hangs up before it has the mail', async () => {
    const { url, close } = await silent((socket) => {
      socket.write('220 hello\r\n')
      socket.once('data', () => socket.destroy())
    })
    const { result, reason } = await sendBySmtp(url, mail)
    await close()
    assert.equal(result, 'later', reason)
  })

  it('is left for later where it has to end before the server has the mail, which never gets it then', async () => {
    const end = new AbortController()
    const asked = Promise.withResolvers<() => void>()
    const hungUp = Promise.withResolvers<void>()
    const { url, mails } = await start({
      onRcptTo: (_to, _session, answer) => asked.resolve(() => answer()),
      onClose: () => hungUp.resolve(),
    })
    const sending = sendBySmtp(url, mail, { signal: end.signal })
    const accept = await asked.promise
    end.abort()
    assert.deepEqual(await sending, { result: 'later', ...because('SERVER_ENDED') })
    accept()
    await hungUp.promise
    assert.deepEqual(mails, [])
  })

  it('is still handed over where it has to end in the middle of that', async () => {
    const end = new AbortController()
    const { url } = await start({
      onData: drain((done) => {
        end.abort()
        done()
      }),
    })
    assert.deepEqual(await sendBySmtp(url, mail, { signal: end.signal }), { result: 'sent' })
  })

  it('is unknown where the server says nothing more once it has the mail', async () => {
    const { url } = await start({ onData: drain(() => undefined) })
    const { result, reason } = await sendBySmtp(url, mail, { socketTimeout: 1000 })
    assert.equal(result, 'unknown', reason)
    assert.match(reason ?? '', /not sent twice/)
  })
})

/** Refuses at this command. */
function at(command: 'onMailFrom' | 'onRcptTo', code: number): SMTPServerOptions {
  const refuse = (_address: unknown, _session: unknown, done: (error: Error) => void): void =>
    done(refusal(code, 'not this one'))
  return { [command]: refuse }
}

/** Reads the whole mail, then goes on. */
function drain(then: (done: (error?: Error) => void) => void): NonNullable<SMTPServerOptions['onData']> {
  return (stream, _session, done) => {
    stream.resume()
    stream.on('end', () => then(done))
  }
}

/** A server that accepts connections and then does just this. */
async function silent(
  onConnection: (socket: Socket) => void = () => undefined,
): Promise<{ url: string; close: () => Promise<void> }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
