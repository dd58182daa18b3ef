import { composeMail, type MailContent } from './mail-content.ts'

/** The mail that somebody has asked for, to see whether mail gets to them. `link` leads to the page. */
export const composeTestMail = (link: string): MailContent =>
  composeMail({
    subject: 'A test from Tapedeck',
    lead: 'This is a test: mail gets to you.',
    facts: [],
    notes: ['A mail like this one tells you when a conversion has ended.'],
    link,
    footer: 'Tapedeck sends this mail because somebody who is signed in as you has asked for it.',
  })
