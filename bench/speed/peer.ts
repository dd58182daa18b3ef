import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** What ours is compared with, as a server in a process of its own. */
export interface Peer {
  url: string
  stop(): Promise<void>
}

/** Starts the program of this name in `peers/`, and waits until it listens. */
export async function startPeer(name: string, args: string[] = []): Promise<Peer> {
  const child = fork(join(import.meta.dirname, 'peers', `${name}.ts`), args)
  const [port]: unknown[] = await once(child, 'message')
  return {
    url: `http://127.0.0.1:${String(port)}`,
    async stop() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}

/** For a program in `peers/`: listens on a free port, and tells which. */
export function serveAsPeer(server: Server): void {
  // Whoever started it is gone.
  process.once('disconnect', () => process.exit())
  server.listen(0, '127.0.0.1', () => {
    // A server that listens on TCP has an address of this shape.
    process.send?.((server.address() as AddressInfo).port)
  })
}
