import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** An event as it arrived. */
export interface Arrival {
  /** The function that it was sent to. */
  name: string
  headers: IncomingHttpHeaders
  body: unknown
}

export interface EventGateway {
  url: string
  close(): void
}

/** Stands where the functions are: every event goes to `receive`, whose number is the answer's status. */
export async function startEventGateway(
  receive: (arrival: Arrival) => number | Promise<number>,
): Promise<EventGateway> {
  const server = createServer((req, res) => {
    const answer = async (): Promise<void> => {
      const body: unknown = JSON.parse(await text(req))
      const status = await receive({ name: (req.url ?? '').slice(1), headers: req.headers, body })
      res.writeHead(status).end()
    }
    answer().catch(() => res.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    // A server that listens on a TCP port has an address of this shape.
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The data of a message as its publisher gave it. */
export function messageOf(body: unknown): unknown {
  const { message } = body as { message: { data: string } }
  return JSON.parse(Buffer.from(message.data, 'base64').toString())
}
