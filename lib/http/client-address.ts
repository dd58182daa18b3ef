import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

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

function network(text: string): string | undefined {
  if (isIP(text) === 0) return undefined
  const address = ipaddr.process(text.replace(/%.*$/, '')).toString()
  return isIP(address) === 4
    ? address
    : `${ipaddr.IPv6.networkAddressFromCIDR(`${address}/64`).toString()}/64`
}
