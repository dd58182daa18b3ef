import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { somebody } from '../users.testing.ts'
import { whyNoMail, whyUnreachable } from './mailbox.ts'

describe('Mail can get', () => {
  for (const address of [
    'a@example.com',
    'first.last+tapes@mail.example.co.uk',
    "o'neil@example.com",
    'jürgen@bücher.example.com',
  ])
    it(`to ${address}`, () => assert.equal(whyUnreachable(address), undefined))

  for (const address of [
    'admin@localhost',
    'admin@tapedeck.local',
    'admin@TAPEDECK.LOCAL',
    'a@b.localhost',
    'a@b.test',
    'a@b.example',
    'a@b.invalid',
    'a@[127.0.0.1]',
    'a@example.com.',
    'a,b@example.com',
    'a@b.com,c@d.com',
    '<a@example.com>',
    '"a"<b@example.com',
    'a\r\nRCPT@example.com',
    'nobody',
    '',
  ])
    it(`not to ${JSON.stringify(address)}`, () =>
      assert.match(whyUnreachable(address)?.reason ?? '', /is no address that mail can get to\.$/))
})

describe('A user gets mail', () => {
  it('unless they have switched it off', () => {
    assert.equal(whyNoMail(somebody), undefined)
    assert.equal(whyNoMail({ ...somebody, notifications: { mail: true } }), undefined)
    assert.match(whyNoMail({ ...somebody, notifications: { mail: false } })?.reasonCode ?? '', /MAIL_OFF/)
  })

  it('at an address that it can get to', () => {
    assert.match(
      whyNoMail({ ...somebody, email: 'admin@localhost' })?.reason ?? '',
      /^admin@localhost is no address/,
    )
  })
})
