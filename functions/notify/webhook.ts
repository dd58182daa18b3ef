import dns from 'node:dns'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import type { LookupFunction } from 'node:net'
import type { Duplex } from 'node:stream'
import { once } from 'node:events'
import { because } from '../../lib/notifications/reasons.ts'
import { isPublicAddress, whyNotWebhookUrl } from '../../lib/notifications/webhook.ts'
import type { Outcome } from './outcome.ts'

export interface WebhookRequest {
  url: string
  /** JSON. */
  body: string
  headers: Record<string, string>
}

export interface WebhookOptions {
  /** Private addresses are called too, and without TLS. */
  allowPrivate: boolean
  timeoutMilliseconds?: number
  /** Once it aborts, the answer is not waited for any longer. */
  giveUp?: AbortSignal
  /** For tests. */
  resolve?: typeof dns.lookup
}

// Below the minute that the function has, with something left for the records.
const defaultTimeoutMilliseconds = 15_000
const mostAnswerBytes = 4096

/**
 * Posts JSON to a URL that a user has given: only to public addresses, and only there; redirects are not followed. Sent is
 * what was answered with success. The reasons say nothing of what the other side has answered but its status.
 */
export async function callWebhook(
  { url: text, body, headers }: WebhookRequest,
  {
    allowPrivate,
    timeoutMilliseconds = defaultTimeoutMilliseconds,
    giveUp = new AbortController().signal,
    resolve = dns.lookup,
  }: WebhookOptions,
): Promise<Outcome> {
  const mistake = whyNotWebhookUrl(text, allowPrivate)
  if (mistake !== undefined) return { result: 'refused', ...because('BAD_URL', `The URL ${mistake}.`) }
  const url = new URL(text)
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMilliseconds), giveUp])
  // Only now: to import node:http takes Node 20 ms, since all that it exports is loaded then.
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'))
  const options: RequestOptions = {
    method: 'POST',
    headers: {
      ...headers,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'User-Agent': 'Tapedeck',
    },
    // A connection of its own: one that is kept could lead elsewhere than the name does by now.
    agent: false,
    signal,
    ...(!allowPrivate && { lookup: publicOnly(resolve) }),
  }
  try {
    // What is no name is never looked up; whyNotWebhookUrl has seen to that.
    const status = await post(request(url, options), body, signal)
    if (status >= 200 && status < 300) return { result: 'sent' }
    const redirects = status >= 300 && status < 400 ? '; redirects are not followed' : ''
    return { result: 'later', ...because('ANSWERED', `It answered ${status}${redirects}.`) }
  } catch (error) {
    if (giveUp.aborted) return { result: 'later', ...because('SERVER_ENDED') }
    if (signal.aborted)
      return {
        result: 'later',
        ...because('NO_ANSWER', `It did not answer within ${timeoutMilliseconds / 1000} s.`),
      }
    return { result: 'later', ...because('NOT_REACHED', `It could not be reached: ${messageOf(error)}.`) }
  }
}

/** Sends the request and returns the answer's status. */
async function post(request: ClientRequest, body: string, signal: AbortSignal): Promise<number> {
  // One that comes after the answer has begun changes nothing.
  request.on('error', () => undefined)
  request.end(body)
  // Who is answered 101 and does not listen for it hears nothing: the connection is closed, without any other event.
  const answered = Promise.race([once(request, 'response', { signal }), once(request, 'upgrade', { signal })])
  // `once` is typed for any event; those of these names carry this.
  const [response, upgraded] = (await answered) as [IncomingMessage, Duplex?]
  if (upgraded) upgraded.destroy()
  else await skip(response)
  return response.statusCode ?? 0
}

/** Lets the other side end its answer, as far as it is short. The status counts, whatever becomes of the rest. */
async function skip(response: IncomingMessage): Promise<void> {
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > mostAnswerBytes) break
    }
  } catch {
    // It was cut off.
  }
}

/**
 * Looks a name up and refuses what is not public. The connection is made to just the addresses that were looked at, so that a
 * name cannot lead elsewhere a moment later.
 */
export function publicOnly(resolve: typeof dns.lookup): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, [])
      if (addresses.length === 0 || !addresses.every(({ address }) => isPublicAddress(address)))
        return done(new Error(`${hostname} does not lead to public addresses only`), [])
      if (options.all) return done(null, addresses)
      done(null, addresses[0]?.address ?? '', addresses[0]?.family)
    })
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
