import { createHmac } from 'node:crypto'
import ipaddr from 'ipaddr.js'
import type { Collection } from '../collection.ts'

/** Where a user wants to be told of the ends of their jobs. */
export interface Webhook {
  /** As `URL` writes it. */
  url: string
  /** The key of its signatures; the owner knows it too. */
  secret: string
  createdAt: Date
}

/** All webhooks of a user, by their ids. The record's id is the user's: the set changes as a whole. */
export interface WebhookSet {
  hooks: Record<string, Webhook>
  /** When the user has lately asked for tests, by mail too. */
  tests?: Date[]
}

export const webhooks: Collection<WebhookSet> = { name: 'webhooks' }

export const mostWebhooks = 20

/**
 * The signature of a body that is sent at this time: `t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA-256 of `SECONDS.BODY`.
 * With the time in it, an old request cannot be sent again by somebody else without that being noticed.
 */
export function sign(body: string, secret: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

/** Whether an IP address is one of the public internet: not this machine, not its network, not the cloud's own services. */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.process(text)
  // All that IANA has given away of IPv6; beside it lie forms of IPv4 addresses that are no longer in use.
  const isGiven = address.kind() === 'ipv4' || address.match(ipaddr.parseCIDR('2000::/3'))
  return isGiven && address.range() === 'unicast'
}

/**
 * Why a webhook cannot have this URL, as the end of a sentence; undefined if it can. `allowPrivate`: it may be on this machine
 * or its network, and without TLS.
 */
export function whyNotWebhookUrl(text: string, allowPrivate: boolean): string | undefined {
  const url = URL.parse(text)
  const isAllowed = url?.protocol === 'https:' || (allowPrivate && url?.protocol === 'http:')
  if (!url || !isAllowed) return allowPrivate ? 'must be an http or https URL' : 'must be an https URL'
  if (url.username !== '' || url.password !== '') return 'must not have a name or password in it'
  const literal = addressIn(url)
  if (!allowPrivate && literal !== undefined && !isPublicAddress(literal))
    return 'must not lead to a private address'
  return undefined
}

/** The IP address that a URL has in its host's place, however it was written there: such a name is never looked up. */
function addressIn({ hostname }: URL): string | undefined {
  const address = hostname.replace(/^\[|\]$/g, '')
  return ipaddr.isValid(address) ? address : undefined
}
