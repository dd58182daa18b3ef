import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { composeTestMail } from './test-mail.ts'

describe('The mail that is a test', () => {
  it('says so, and links to the page', () => {
    const { subject, text, html } = composeTestMail('https://tapes.example/?a&b')
    for (const part of [subject, text, html]) assert.match(part, /test/)
    assert.ok(text.includes('\n\nhttps://tapes.example/?a&b\n\n'))
    assert.ok(html.includes('href="https://tapes.example/?a&amp;b"'))
    assert.doesNotMatch(html, /<table>/)
  })
})
