import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface ReceivedMail {
  /** Of the envelope. */
  sender: string
  /** Of the envelope. */
  recipients: string[]
  email: Email
}

export interface MailServer {
  /** For SMTP_URL. */
  url: string
  /** What has been accepted so far. */
  mails: ReceivedMail[]
  close(): Promise<void>
}

/** Starts a real SMTP server on a free port. It accepts every mail, unless `options` say otherwise. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    // Its certificate is one that nobody trusts.
    hideSTARTTLS: true,
    disableReverseLookup: true,
    closeTimeout: 1,
    onData(stream, { envelope }, answer) {
      const receive = async (): Promise<void> => {
        const email = await PostalMime.parse(await buffer(stream))
        const sender = envelope.mailFrom ? envelope.mailFrom.address : ''
        mails.push({ sender, recipients: envelope.rcptTo.map(({ address }) => address), email })
      }
      receive().then(() => answer(), answer)
    },
    logger: false,
    ...options,
  })
  // A client that gives up is no fault of the server's.
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    mails,
    close: () => new Promise((resolve) => server.close(resolve)),
  }
}

/** What a server says that does not take something: `refusal(450, 'come back')`. */
export const refusal = (responseCode: number, message: string): Error =>
  Object.assign(new Error(message), { responseCode })
