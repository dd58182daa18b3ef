import { ConfigError, readConfig } from '../../lib/config.ts'
import type { Mailer } from './mail-owner.ts'
import { sendBySmtp } from './smtp.ts'

const { PAGE_URL, SMTP_URL, MAIL_FROM } = readConfig(['SMTP_URL', 'MAIL_FROM', 'PAGE_URL'])

/** Where the page is. */
export const pageUrl = PAGE_URL

/** What sends mail; undefined where none is sent. */
export const mailer = SMTP_URL === undefined ? undefined : smtpMailer(SMTP_URL, MAIL_FROM)

function smtpMailer(url: string, from: string | undefined): Mailer {
  if (from === undefined)
    throw new ConfigError(['MAIL_FROM must be set where SMTP_URL is: mail needs a sender.'])
  return { from, send: (mail) => sendBySmtp(url, mail) }
}
