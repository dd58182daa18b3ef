import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { withPolicy } from '../../infra/build/page.ts'
import { buildPage, type PageFile } from '../../web/build.ts'

export interface PageServer {
  origin: string
  /** From now on the page's config.json leads here, and its policy lets it connect. */
  serve(server: { apiUrl: string; bucketUrl: string }): Promise<void>
  stop(): void
}

/** Serves the page on an origin of its own as its bucket does: files, without a header of ours. */
export async function startPageServer(): Promise<PageServer> {
  let files = new Map<string, PageFile>()
  const server = createServer(({ url = '/' }, res) => {
    const file = files.get(url === '/' ? '/index.html' : url)
    if (file) res.writeHead(200, { 'Content-Type': file.type }).end(file.body)
    else res.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on a TCP port has an address of this shape.
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    async serve({ apiUrl, bucketUrl }) {
      files = await deployedPage(apiUrl, bucketUrl)
    },
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The page as `npm run build` makes it and Terraform uploads it (infra/terraform/page.tf). */
async function deployedPage(apiUrl: string, bucketUrl: string): Promise<Map<string, PageFile>> {
  const page = await buildPage()
  const html = withPolicy(Buffer.from(page.get('/index.html')?.body ?? []).toString())
  const policy = /(connect|media|frame)-src 'self'/g
  const body = Buffer.from(html.replace(policy, `$1-src 'self' ${apiUrl} ${bucketUrl}`))
  const config = Buffer.from(JSON.stringify({ apiUrl }))
  return page
    .set('/index.html', { type: 'text/html; charset=utf-8', body })
    .set('/config.json', { type: 'application/json', body: config })
}
