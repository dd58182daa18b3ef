import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '../../lib/problems.ts'
import { readBasicCredentials } from './basic.ts'

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

describe('HTTP Basic credentials', () => {
  for (const [text, email, password] of [
    ['me@example.com:secret', 'me@example.com', 'secret'],
    ['me@example.com:with:colons:', 'me@example.com', 'with:colons:'],
    ['me@example.com:', 'me@example.com', ''],
    ['mé@exämple.com:пароль 🎬', 'mé@exämple.com', 'пароль 🎬'],
  ] as const) {
    it(`are read from ${text}`, () => {
      assert.deepEqual(readBasicCredentials(basic(text)), { email, password })
    })
  }

  it('have a scheme in any case', () => {
    const header = basic('a@b:c').replace('Basic', 'bASIC ')
    assert.deepEqual(readBasicCredentials(header), { email: 'a@b', password: 'c' })
  })

  for (const header of [
    undefined,
    '',
    'Basic',
    'Basic ',
    'Basic !!!',
    'Bearer YTpi',
    basic('no colon'),
    basic(':no e-mail'),
    `${basic('a@b:c')} ${basic('d@e:f')}`,
  ]) {
    it(`are refused as BAD_CREDENTIALS, without a window of the browser's: ${header}`, () => {
      assert.throws(
        () => readBasicCredentials(header),
        (error) =>
          error instanceof Problem &&
          error.code === 'BAD_CREDENTIALS' &&
          !error.extras.headers?.['WWW-Authenticate'],
      )
    })
  }
})
