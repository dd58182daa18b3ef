/** A mail as it is sent, but for sender and recipient. */
export interface MailContent {
  subject: string
  text: string
  html: string
}

/** What a mail says. */
export interface MailParts {
  subject: string
  lead: string
  facts: (readonly [label: string, value: string])[]
  /** A paragraph each. */
  notes: string[]
  /** Where it leads. */
  link: string
  /** Why one gets it. */
  footer: string
}

/** Puts a mail together, as text and as HTML. In HTML, what it says is nothing but text. */
export function composeMail({ subject, lead, facts, notes, link, footer }: MailParts): MailContent {
  const width = Math.max(...facts.map(([label]) => label.length)) + 2
  const list = facts.map(([label, value]) => label.padEnd(width) + value)
  const rows = facts.map(
    ([label, value]) =>
      `<tr><td style="padding-right:1em;color:#666">${escape(label)}</td><td><bdi>${escape(value)}</bdi></td></tr>`,
  )
  const html = [
    `<p>${escape(lead)}</p>`,
    ...(facts.length > 0 ? [`<table>${rows.join('')}</table>`] : []),
    ...notes.map((note) => `<p>${escape(note)}</p>`),
    `<p><a href="${escape(link)}">Open it in Tapedeck</a></p>`,
    `<p style="color:#666">${escape(footer)}</p>`,
  ]
  return {
    subject,
    text: [lead, ...(facts.length > 0 ? [list.join('\n')] : []), ...notes, link, footer].join('\n\n'),
    html: `<!doctype html><html lang="en"><body>${html.join('\n')}</body></html>`,
  }
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
