import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../free-port.ts'
import { post } from '../gcp/events.ts'

/** Stands between Pub/Sub and a server that is killed now and then. */
export interface Relay {
  /** For the server: where its events are pushed to, and where it has to listen for what comes of that. */
  env: { EVENTS_URL: string; EVENTS_PORT: string }
  close(): void
}

const retryMs = 500

/**
 * Pushes until the server accepts. Pub/Sub lives on when a function dies; its emulator too, but after a few pushes that were refused it
 * rests for a minute, in which nothing would happen.
 */
export async function startRelay(): Promise<Relay> {
  const port = await freePort()
  const server = createServer((req, res) => {
    const handOn = async (): Promise<void> => {
      const body = await text(req)
      while (server.listening) {
        try {
          await post(`http://127.0.0.1:${port}${req.url}`, {}, body)
          return
        } catch {
          await delay(retryMs)
        }
      }
    }
    handOn().then(
      () => res.writeHead(204).end(),
      () => res.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // It says 'listening' on a TCP port.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    env: { EVENTS_URL: url, EVENTS_PORT: String(port) },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
