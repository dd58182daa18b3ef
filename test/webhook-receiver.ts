import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface ReceivedCall {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: string
}

export interface WebhookReceiver {
  /** Where it listens, such as `http://127.0.0.1:1234`. */
  url: string
  /** What it was called with so far. */
  calls: ReceivedCall[]
  /** How many connections were made to it. */
  connections(): number
  close(): Promise<void>
}

/** Starts a real webhook receiver on a free port; `answer` has the request after it was read and written down. */
export async function startWebhookReceiver(answer: RequestListener): Promise<WebhookReceiver> {
  const calls: ReceivedCall[] = []
  let connections = 0
  const server = createServer((req, res) => {
    const receive = async (): Promise<void> => {
      const { method = '', url = '', headers } = req
      calls.push({ method, path: url, headers, body: await text(req) })
      answer(req, res)
    }
    // A client that gives up is no fault of the receiver's.
    receive().catch(() => res.destroy())
  })
  server.on('connection', () => connections++)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    connections: () => connections,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
