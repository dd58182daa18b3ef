import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPublicAddress, sign, whyNotWebhookUrl } from './webhook.ts'

describe('The signature of a webhook', () => {
  const at = new Date('2026-01-01T00:00:00.900Z')

  it('is the HMAC-SHA-256 of time and body, as openssl computes it', () => {
    // printf '1767225600.{"event":"job.completed"}' | openssl dgst -sha256 -hmac secret
    assert.equal(
      sign('{"event":"job.completed"}', 'secret', at),
      't=1767225600,v1=e0fbbc89abb15778c4b73d2fd4becb28d040fd5784af61a92788e4cc1dccb586',
    )
  })

  it('is another one for another body, secret or time', () => {
    const signatures = [
      sign('{}', 'secret', at),
      sign('{} ', 'secret', at),
      sign('{}', 'secrets', at),
      sign('{}', 'secret', new Date(at.getTime() + 1000)),
    ].map((signature) => signature.split('v1=')[1])
    assert.equal(new Set(signatures).size, 4)
  })
})

describe('An address', () => {
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111', '::ffff:8.8.8.8'])
    it(`${address} is public`, () => assert.ok(isPublicAddress(address)))

  for (const address of [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '192.168.1.1'],
    ...['192.0.2.1', '198.18.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      '::7f00:1',
      'fe80::1',
      'fe80::1%eth0',
      'fc00::1',
      'fd00:ec2::254',
      'fec0::1',
      'ff02::1',
      '2001:db8::1',
    ],
    // IPv4 in IPv6's clothes.
    ...[
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '::127.0.0.1',
      '::ffff:0:127.0.0.1',
      '64:ff9b::127.0.0.1',
      '2002:7f00:1::',
    ],
    ...['', 'localhost', '1.2.3.4.5'],
  ])
    it(`${JSON.stringify(address)} is not`, () => assert.ok(!isPublicAddress(address)))
})

describe('The URL of a webhook', () => {
  for (const url of [
    'https://hooks.example.com/tapes?key=1',
    'https://hooks.example.com:8443',
    'https://8.8.8.8/',
  ])
    it(`may be ${url}`, () => assert.equal(whyNotWebhookUrl(url, false), undefined))

  for (const [url, why] of [
    ['http://hooks.example.com', /https/],
    ['ftp://hooks.example.com', /https/],
    ['hooks.example.com', /https/],
    ['https://name:password@hooks.example.com', /name or password/],
    ['https://127.0.0.1/', /private/],
    ['https://[::1]:8443/', /private/],
    ['https://[::ffff:127.0.0.1]/', /private/],
    // 127.0.0.1, as browsers and curl read them.
    ['https://2130706433/', /private/],
    ['https://0x7f.1/', /private/],
    ['https://0177.0.0.1/', /private/],
  ] as const)
    it(`may not be ${url}`, () => assert.match(whyNotWebhookUrl(url, false) ?? '', why))

  it('may be private and without TLS where that is allowed', () => {
    assert.equal(whyNotWebhookUrl('http://127.0.0.1:9000/hook', true), undefined)
    assert.equal(whyNotWebhookUrl('https://10.0.0.1/', true), undefined)
    assert.match(whyNotWebhookUrl('file:///etc/passwd', true) ?? '', /http/)
  })
})
