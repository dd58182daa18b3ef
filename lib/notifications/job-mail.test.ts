import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Job } from '../jobs/job.ts'
import { completed, failed } from '../jobs/testing.ts'
import { jobErrorCodes } from '../problems.ts'
import { composeJobMail } from './job-mail.ts'

const link = 'https://tapes.example/#job=1'
const ready: Job = { ...completed, filename: 'holiday.avi' }
if (ready.target) ready.target = { ...ready.target, durationSeconds: 205, size: 4_920_000 }

describe('The mail about a job', () => {
  it('that is done: name, duration, size, and a link', () => {
    const { subject, text, html } = composeJobMail(ready, link)
    assert.equal(subject, 'Your MP3 is ready: holiday.avi')
    for (const part of ['holiday.avi', '3:25', '4.92 MB', link]) {
      assert.ok(text.includes(part), part)
      assert.ok(html.includes(part), part)
    }
  })

  it('that is done with a warning says what is missing', () => {
    const message = 'The end of the file is missing: the MP3 has 10 s of 20 s.'
    const { text, html } = composeJobMail({ ...ready, warnings: [{ code: 'TRUNCATED', message }] }, link)
    assert.ok(text.includes(message))
    assert.ok(html.includes(message))
  })

  for (const code of jobErrorCodes) {
    it(`that has failed with ${code}: why, and what to do`, () => {
      const error = { code, message: 'This is <why>.' }
      const { subject, text, html } = composeJobMail({ ...failed, error, size: 1500 }, link)
      assert.equal(subject, 'Could not be converted: holiday.avi')
      assert.match(text, /This is <why>\.\n\n[A-Z][^\n]+\.\n\nhttps:/)
      assert.match(html, /This is &lt;why&gt;\./)
      assert.ok(text.includes('1.5 kB'))
    })
  }

  it('shows a name as text, whatever it holds', () => {
    const filename = `<img src=x onerror='alert("1")'>&amp;.avi`
    const { text, html } = composeJobMail({ ...ready, filename }, link)
    assert.ok(text.includes(filename))
    assert.doesNotMatch(html, /<img/)
    assert.ok(html.includes('&lt;img src=x onerror=&#39;alert(&quot;1&quot;)&#39;&gt;&amp;amp;.avi'))
  })

  it('has a subject of one line, in the direction in which it is written', () => {
    const filename = 'a\r\nBcc: victim@example.com\n\n\u2028b\0\u202E3pm\u2066.\u200Fexe\uD800'
    const { subject, text, html } = composeJobMail({ ...ready, filename }, link)
    assert.equal(subject, 'Your MP3 is ready: a Bcc: victim@example.com b 3pm . exe\uFFFD')
    for (const part of [text, html]) assert.doesNotMatch(part, /[\p{Bidi_Control}\r\0\u2028]/u)
    assert.doesNotMatch(text, /^Bcc/m)
  })

  it('keeps names of every language, and pictures', () => {
    for (const filename of ['שלום.avi', 'عطلة.mp4', '休日.mkv', '👩‍👩‍👧.mov'])
      assert.equal(composeJobMail({ ...ready, filename }, link).subject, `Your MP3 is ready: ${filename}`)
  })

  it('cuts a long name, and no character in two', () => {
    const { subject } = composeJobMail({ ...ready, filename: '🎵'.repeat(500) }, link)
    assert.equal(subject, `Your MP3 is ready: ${'🎵'.repeat(120)}…`)
  })
})
