import { Readable } from 'node:stream'
import type { Transporter } from 'nodemailer'
import { because, deliveryReasons } from '../../lib/notifications/reasons.ts'
import type { Outcome } from './outcome.ts'

/** A mail, ready to be sent. */
export interface Mail {
  /** `Name <address>`, or an address. */
  from: string
  /** One plain address. */
  to: string
  /** Without angle brackets. */
  messageId: string
  subject: string
  text: string
  html: string
}

// Together well below the function's 60 seconds: a server that does not answer must not hold it up.
const timeouts = {
  dnsTimeout: 5_000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
}

export interface SmtpOptions extends Partial<typeof timeouts> {
  /** Once it aborts, a mail that is not being handed over yet is left for later at once. */
  signal?: AbortSignal
}

/** Sends a mail by the server at `url` (smtp: or smtps:), on a connection of its own. Times in `options` are milliseconds. */
export async function sendBySmtp(
  url: string,
  mail: Mail,
  { signal, ...limits }: SmtpOptions = {},
): Promise<Outcome> {
  const ended: Outcome = { result: 'later', ...because('SERVER_ENDED') }
  if (signal?.aborted) return ended
  // Only loaded where there is a server.
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({ url, ...timeouts, ...limits })
  let handedOver = false
  transport.use('stream', ({ message }, done) => {
    message.processFunc((bytes) => Readable.from(noted(bytes, handOver)))
    done()
  })
  const givenUp = Promise.withResolvers<Outcome>()
  function giveUp(): void {
    if (!handedOver) givenUp.resolve(ended)
  }
  function handOver(): void {
    signal?.throwIfAborted()
    handedOver = true
  }
  signal?.addEventListener('abort', giveUp)
  try {
    return await Promise.race([givenUp.promise, handingOver(transport, mail, () => handedOver)])
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
}

async function handingOver(
  transport: Transporter,
  mail: Mail,
  isHandedOver: () => boolean,
): Promise<Outcome> {
  const { from, to, subject, text, html } = mail
  try {
    await transport.sendMail({
      from,
      to: { name: '', address: to },
      messageId: `<${mail.messageId}>`,
      subject,
      text,
      html,
      // RFC 3834: "auto-generated" keeps out-of-office replies away.
      headers: { 'Auto-Submitted': 'auto-generated' },
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    return { result: 'sent' }
  } catch (error) {
    return outcomeOf(error, isHandedOver())
  }
}

/** Calls `onStart` when the first byte is asked for: that is after the server has accepted sender and recipient. */
async function* noted(bytes: AsyncIterable<unknown>, onStart: () => void): AsyncGenerator {
  onStart()
  yield* bytes
}

/** What is wrong with the connection, not with the mail. */
const connectionErrors = ['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', 'EPROTOCOL']

function outcomeOf(error: unknown, handedOver: boolean): Outcome {
  if (!(error instanceof Error)) throw error
  const { code, responseCode } = error as Error & { code?: string; responseCode?: number }
  const refusal = because('MAIL_REFUSED', error.message)
  // The server's name and password are wrong, or it wants some: that is nothing about this mail.
  if (code === 'EAUTH' || code === 'ENOAUTH') return { result: 'later', ...because('LOGIN_REFUSED') }
  // RFC 5321, 4.2.1: 4yz "the requestor is encouraged to try again", 5yz "the command was not accepted".
  if (responseCode !== undefined) return { result: responseCode < 500 ? 'later' : 'refused', ...refusal }
  if (!connectionErrors.includes(code ?? '')) return { result: 'refused', ...refusal }
  if (!handedOver) return { result: 'later', ...because('NOT_REACHED', error.message) }
  return { result: 'unknown', ...because('UNCERTAIN', `${deliveryReasons.UNCERTAIN} (${error.message})`) }
}
