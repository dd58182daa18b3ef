import { Client } from '../client.ts'
import { startServer, type TestServer } from '../server.ts'
import { launchBrowser } from './browser.ts'
import { startPageServer } from './page-server.ts'
import { Visit, type ScreenSize } from './visit.ts'

/** The page on an origin of its own, with the server that it talks to and a browser to visit it in. */
export interface OpenPage {
  origin: string
  server: TestServer
  /** The server's administrator. */
  client: Client
  /** Begins a visit; the address is relative to the page's. */
  visit(address: string, size?: ScreenSize): Promise<Visit>
  close(): Promise<void>
}

/** Starts all of that, the server with these variables. If one part cannot be started, those before it are ended. */
export async function openPage(env: Record<string, string> = {}): Promise<OpenPage> {
  await using started = new AsyncDisposableStack()
  const pages = await startPageServer()
  started.defer(() => pages.stop())
  const server = await startServer({ env: { ALLOWED_ORIGINS: pages.origin, ...env } })
  started.defer(() => server.stop())
  await pages.serve(server)
  const browser = await launchBrowser()
  started.defer(() => browser.close())

  const { origin } = pages
  const origins = [origin, server.apiUrl, server.bucketUrl]
  const running = started.move()
  return {
    origin,
    server,
    client: new Client(server),
    visit: (address, size) => Visit.begin(browser, { url: new URL(address, origin).href, origins, size }),
    close: () => running.disposeAsync(),
  }
}
