import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openPage } from '../../platform/local/page.ts'

export interface PageServer {
  origin: string
  /** From now on the page's config.json leads here, and its policy lets it connect. */
  serve(server: { apiUrl: string; bucketUrl: string }): Promise<void>
  stop(): void
}

/** Serves the built page on an origin of its own, as a bucket or any static host would. */
export async function startPageServer(): Promise<PageServer> {
  let page: (req: IncomingMessage, res: ServerResponse) => void = (_req, res) => res.writeHead(503).end()
  let config = ''
  const server = createServer((req, res) => {
    if (req.url === '/config.json') res.writeHead(200, { 'Content-Type': 'application/json' }).end(config)
    else page(req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a TCP port has an address of this shape.
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async serve({ apiUrl, bucketUrl }) {
      page = await openPage({ apiUrl, bucketUrl })
      config = JSON.stringify({ apiUrl })
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
