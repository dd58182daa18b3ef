import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clientAddress } from './client-address.ts'

const from = (remoteAddress: string | undefined, forwarded: string | undefined, trusted: number): string =>
  clientAddress(
    {
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      socket: { remoteAddress },
    },
    trusted,
  )

describe("A client's address", () => {
  it('is that of the connection, whatever the request says, where no proxy is trusted', () => {
    assert.equal(from('192.0.2.1', '198.51.100.7', 0), '192.0.2.1')
    assert.equal(from('192.0.2.1', undefined, 0), '192.0.2.1')
  })

  it('is what the trusted proxy has appended, not what stood there before', () => {
    assert.equal(from('10.0.0.1', '198.51.100.7', 1), '198.51.100.7')
    assert.equal(from('10.0.0.1', '203.0.113.9, 203.0.113.8,198.51.100.7', 1), '198.51.100.7')
  })

  it('is what the first of several trusted proxies has appended', () => {
    assert.equal(from('10.0.0.1', '203.0.113.9, 198.51.100.7, 10.0.0.2', 2), '198.51.100.7')
  })

  it('is the first there is where fewer proxies than trusted were passed', () => {
    assert.equal(from('10.0.0.1', '198.51.100.7', 2), '198.51.100.7')
  })

  for (const forwarded of [undefined, '', 'unknown', '1.2.3', '198.51.100.7, '])
    it(`is that of the connection where the proxy's entry is none: ${forwarded}`, () => {
      assert.equal(from('10.0.0.1', forwarded, 1), '10.0.0.1')
    })

  it('is the same in IPv4 and in IPv4 written as IPv6', () => {
    assert.equal(from('::ffff:192.0.2.1', undefined, 0), '192.0.2.1')
  })

  it('is the network of 64 bits in IPv6, of which one client has all addresses', () => {
    const spellings = ['2001:db8:0:7::1', '2001:0DB8:0:7:ffff:ffff:ffff:ffff', '2001:db8::7:0:0:0:9']
    for (const spelling of spellings) assert.equal(from(spelling, undefined, 0), '2001:db8:0:7::/64')
    assert.equal(from('::1', undefined, 0), '::/64')
    assert.equal(from('fe80::1%eth0', undefined, 0), 'fe80::/64')
  })

  it('is unknown where the connection is gone', () => {
    assert.equal(from(undefined, undefined, 0), 'unknown')
  })
})
