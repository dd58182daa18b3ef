import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'

const timeoutMilliseconds = 30_000

/**
 * Asks for the end of an upload session, for which its URL is all that is needed, and returns the answer's status. The protocol wants
 * `Content-Length: 0`, which fetch does not send with DELETE.
 */
export async function sendCancellation(url: string): Promise<number> {
  // Only now: to import node:http takes Node 20 ms.
  const { request } = await (url.startsWith('https:') ? import('node:https') : import('node:http'))
  const signal = AbortSignal.timeout(timeoutMilliseconds)
  const cancellation = request(url, { method: 'DELETE', headers: { 'Content-Length': 0 }, signal })
  cancellation.on('error', () => undefined).end()
  // `once` is typed for any event; those of this name carry this. It rejects where there is an error instead.
  const [response] = (await once(cancellation, 'response')) as [IncomingMessage]
  response.on('error', () => undefined).resume()
  return response.statusCode ?? 0
}
