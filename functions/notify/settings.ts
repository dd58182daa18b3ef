import { ConfigError, readConfig } from '../../lib/config.ts'
import { shutdown } from '../shared/shutdown.ts'
import type { Channels, Mailer } from './prepare.ts'
import { sendBySmtp } from './smtp.ts'
import { callWebhook } from './webhook.ts'

const config = readConfig(['SMTP_URL', 'MAIL_FROM', 'PAGE_URL', 'WEBHOOK_ALLOW_PRIVATE'])

/** The ways out that the environment sets. */
export const channels: Channels = {
  pageUrl: config.PAGE_URL,
  mailer: config.SMTP_URL === undefined ? undefined : smtpMailer(config.SMTP_URL, config.MAIL_FROM),
  call: (request) => callWebhook(request, { allowPrivate: config.WEBHOOK_ALLOW_PRIVATE, giveUp: shutdown }),
}

function smtpMailer(url: string, from: string | undefined): Mailer {
  if (from === undefined)
    throw new ConfigError(['MAIL_FROM must be set where SMTP_URL is: mail needs a sender.'])
  return { from, send: (mail) => sendBySmtp(url, mail, { signal: shutdown }) }
}
