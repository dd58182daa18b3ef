import type { IncomingHttpHeaders } from 'node:http'
import { isIPv4, isIPv6 } from 'node:net'

interface Received {
  headers: IncomingHttpHeaders
  socket: { remoteAddress?: string | undefined }
}

/**
 * Where a request comes from: an IPv4 address, or the /64 network that an IPv6 client has for itself.
 * Every proxy appends the address that it has seen to X-Forwarded-For; what stands before the entries of the trusted ones
 * can be anybody's invention.
 */
export function clientAddress({ headers, socket }: Received, trustedProxies: number): string {
  const direct = network(socket.remoteAddress ?? '') ?? 'unknown'
  if (trustedProxies === 0) return direct
  const header = headers['x-forwarded-for'] ?? ''
  const entries = (typeof header === 'string' ? header : header.join(',')).split(',')
  const entry = entries.at(-trustedProxies) ?? entries[0] ?? ''
  return network(entry.trim()) ?? direct
}

function network(address: string): string | undefined {
  const plain = address.replace(/^::ffff:(?=[\d.]+$)/i, '').replace(/%.*$/, '')
  if (isIPv4(plain)) return plain
  if (!isIPv6(plain)) return undefined
  // The URL parser knows the one right way to write an address (RFC 5952).
  const [head = '', tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const known = [groups(head), groups(tail ?? '')] as const
  const zeros = Array.from({ length: 8 - known[0].length - known[1].length }, () => '0')
  return `${[...known[0], ...zeros, ...known[1]].slice(0, 4).join(':')}::/64`
}
