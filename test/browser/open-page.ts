import type { Route } from 'playwright-core'
import { Client } from '../client.ts'
import { startServer, type ServerOptions, type TestServer } from '../server.ts'
import { launchBrowser, launchProfile } from './browser.ts'
import { startPageServer } from './page-server.ts'
import { Visit, type Browsers, type Look } from './visit.ts'

/** The page on an origin of its own, with the server that it talks to and a browser to visit it in. */
export interface OpenPage {
  origin: string
  server: TestServer
  /** The server's administrator. */
  client: Client
  /** Begins a visit; the address is relative to the page's. */
  visit(address: string, look?: Look): Promise<Visit>
  /** The same in a browser that keeps files. */
  visitInProfile(address: string): Promise<Visit>
  close(): Promise<void>
}

/** Answers the page what the server does not really say. */
export const answer = (route: Route, { origin }: OpenPage, status: number, json: unknown): Promise<void> =>
  route.fulfill({ status, json, headers: { 'access-control-allow-origin': origin } })

/** Starts all of that, the server with these variables. If one part cannot be started, those before it are ended. */
export async function openPage(
  env: Record<string, string> = {},
  options: Pick<ServerOptions, 'dataDir'> = {},
): Promise<OpenPage> {
  await using started = new AsyncDisposableStack()
  const pages = await startPageServer()
  started.defer(() => pages.stop())
  const server = await startServer({ env: { ALLOWED_ORIGINS: pages.origin, ...env }, ...options })
  started.defer(() => server.stop())
  await pages.serve(server)
  const browser = await launchBrowser()
  started.defer(() => browser.close())

  const { origin } = pages
  const origins = [origin, server.apiUrl, server.bucketUrl]
  const visit = (browsers: Browsers, address: string, look?: Look): Promise<Visit> =>
    Visit.begin(browsers, { url: new URL(address, origin).href, origins, look })
  const running = started.move()
  return {
    origin,
    server,
    client: new Client(server),
    visit: (address, look) => visit(browser, address, look),
    visitInProfile: (address) => visit({ newContext: launchProfile }, address),
    close: () => running.disposeAsync(),
  }
}
