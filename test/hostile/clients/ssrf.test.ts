import assert from 'node:assert/strict'
import type dns from 'node:dns'
import { after, before, describe, it } from 'node:test'
import fc from 'fast-check'
import { callWebhook, publicOnly } from '../../../functions/notify/webhook.ts'
import { isPublicAddress, whyNotWebhookUrl } from '../../../lib/notifications/webhook.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../webhook-receiver.ts'
import { effort } from '../effort.ts'
import { nastyText } from './testing/nasty.ts'

/** Where nobody outside may send this machine: itself, its network, the cloud's own services. */
const forbidden = [
  '127.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.0.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
]

/** Every way to write an IPv4 address in a URL, and in the disguise of an IPv6 one. */
function spellings(address: string): string[] {
  const bytes = address.split('.').map(Number)
  const [a = 0, b = 0, c = 0, d = 0] = bytes
  const all = ((a * 256 + b) * 256 + c) * 256 + d
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0'))
  const high = `${hex[0]}${hex[1]}`
  const low = `${hex[2]}${hex[3]}`
  return [
    address,
    `${address}.`,
    String(all),
    `0x${all.toString(16)}`,
    `0${all.toString(8)}`,
    bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
    bytes.map((byte) => `0x${byte.toString(16)}`).join('.'),
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    // As full-width digits, in circles, percent-encoded, with another full stop.
    address.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    address.replace(/[1-9]/g, (digit) => String.fromCodePoint(0x245f + Number(digit))),
    address.replace(/\d/g, (digit) => `%3${digit}`),
    address.replaceAll('.', '。'),
    ...[
      `::ffff:${address}`,
      `::ffff:${high}:${low}`,
      `0:0:0:0:0:ffff:${high}:${low}`,
      `::${address}`,
      `::${high}:${low}`,
      `::ffff:0:${address}`,
      `64:ff9b::${address}`,
      `64:ff9b:1::${address}`,
      `2002:${high}:${low}::`,
      `2002:${high}:${low}::1`,
      `2001::${high}:${low}`,
      `2001:0:${high}:${low}::`,
    ].map((spelt) => `[${spelt}]`),
  ]
}

const others = [
  '[::]',
  '[::1]',
  '[fe80::1]',
  '[fe80::1%25eth0]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fec0::1]',
  '[ff02::1]',
  '[100::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[5f00::1]',
  '0',
  '0x0',
  '127.1',
  '127.0.0.1:443@127.0.0.1',
]

const names = [
  'localhost',
  'localhost.',
  'LOCALHOST',
  'loc%61lhost',
  'ⓛⓞⓒⓐⓛⓗⓞⓢⓣ',
  'sub.localhost',
  'metadata.google.internal',
  'metadata.google.internal.',
  'metadata',
]

/** A resolver that finds these, one after the other, whatever is looked for. */
function finding(...answers: string[][]): { resolve: typeof dns.lookup; asked: string[] } {
  const asked: string[] = []
  const resolve = (name: string, _options: object, done: (error: null, found: object[]) => void): void => {
    const found = answers[Math.min(asked.length, answers.length - 1)] ?? []
    asked.push(name)
    done(
      null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  // Only the form of it that is used there.
  return { resolve: resolve as unknown as typeof dns.lookup, asked }
}

describe('A webhook cannot be led', { timeout: 60_000 }, () => {
  let receiver: WebhookReceiver
  before(async () => {
    receiver = await startWebhookReceiver((_req, res) => res.end())
  })
  after(() => receiver.close())

  const port = (): string => new URL(receiver.url).port
  const call = (url: string, resolve?: typeof dns.lookup) =>
    callWebhook(
      { url, body: '{}', headers: {} },
      { allowPrivate: false, timeoutMilliseconds: 2000, ...(resolve && { resolve }) },
    )

  for (const address of forbidden)
    it(`to ${address}, however it is written`, async () => {
      for (const host of spellings(address)) {
        assert.notEqual(whyNotWebhookUrl(`https://${host}/`, false), undefined, host)
        assert.equal((await call(`https://${host}:${port()}/`)).result, 'refused', host)
      }
      assert.equal(receiver.connections(), 0)
    })

  it('to any other address that is not of the public internet', async () => {
    for (const host of others) assert.notEqual(whyNotWebhookUrl(`https://${host}/`, false), undefined, host)
  })

  it('by a name of this machine, or of the cloud’s own services', async () => {
    const { resolve } = finding(['127.0.0.1'])
    for (const name of names) {
      const url = `https://${name}:${port()}/`
      const { result, reason = '' } = await call(url, resolve)
      assert.notEqual(result, 'sent', name)
      assert.match(reason, /public addresses only|must not lead/, name)
    }
    assert.equal(receiver.connections(), 0)
  })

  it('by a name that leads to a public and a private address', async () => {
    for (const address of forbidden) {
      const { resolve } = finding(['1.1.1.1', address])
      assert.match((await call('https://hooks.example.com/', resolve)).reason ?? '', /public addresses only/)
    }
  })

  it('by a name that leads elsewhere a moment later: it is looked up once, and connected to what was found', async () => {
    const { resolve, asked } = finding(['1.1.1.1'], ['127.0.0.1'])
    const lookUp = publicOnly(resolve)
    const found = await new Promise((done, fail) =>
      lookUp('hooks.example.com', { all: true }, (error, addresses) =>
        error ? fail(error) : done(addresses),
      ),
    )
    assert.deepEqual(found, [{ address: '1.1.1.1', family: 4 }])
    assert.deepEqual(asked, ['hooks.example.com'])
    // And by the time of the next call, which asks anew:
    await assert.rejects(
      new Promise((done, fail) =>
        lookUp('hooks.example.com', { all: true }, (error) => (error ? fail(error) : done(0))),
      ),
      /public addresses only/,
    )
  })

  it('by a user, a password, or another protocol in its URL', () => {
    for (const url of [
      'https://127.0.0.1@hooks.example.com/',
      'https://hooks.example.com@127.0.0.1/',
      'https://hooks.example.com:x@127.0.0.1/',
      'https://@127.0.0.1/',
      'https:\\\\127.0.0.1\\',
      'https:127.0.0.1',
      'https:///127.0.0.1',
      'http://hooks.example.com/',
      'gopher://127.0.0.1:25/',
      'file:///etc/passwd',
      'data:text/plain,x',
      'javascript:alert(1)',
      '//127.0.0.1/',
    ])
      assert.notEqual(whyNotWebhookUrl(url, false), undefined, url)
  })

  it('to say more than one request, by line ends in its URL', async () => {
    for (const end of ['\r\n', '\n', '%0d%0a', '\u2028']) {
      const url = new URL(`${receiver.url}/a${end}X-Evil:%201${end}${end}POST%20/b`)
      const before = receiver.calls.length
      const request = { url: url.href, body: '{}', headers: {} }
      assert.deepEqual(await callWebhook(request, { allowPrivate: true }), { result: 'sent' })
      const calls = receiver.calls.slice(before)
      assert.equal(calls.length, 1)
      assert.equal(calls[0]?.headers['x-evil'], undefined)
    }
  })

  it('anywhere by any text at all: what is let through is public, or a name that is looked up first', () => {
    const hosts = fc.oneof(
      nastyText,
      fc.ipV4(),
      fc.ipV4Extended(),
      fc.ipV6().map((address) => `[${address}]`),
      fc.domain(),
      fc.webAuthority({
        withIPv4: true,
        withIPv4Extended: true,
        withIPv6: true,
        withUserInfo: true,
        withPort: true,
      }),
    )
    fc.assert(
      fc.property(hosts, (host) => {
        const text = `https://${host}/`
        if (whyNotWebhookUrl(text, false) !== undefined) return
        const { hostname, username, password } = new URL(text)
        assert.equal(username + password, '')
        const isLiteral = hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname)
        if (isLiteral) assert.ok(isPublicAddress(hostname.replace(/^\[|\]$/g, '')), hostname)
      }),
      effort(500, 100_000),
    )
  })
})
