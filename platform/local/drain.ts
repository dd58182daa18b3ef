import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Watches a server from its beginning. The returned function closes it: no connection is taken any more, those on which nothing is
 * asked go at once, and the others with their answer, or when the signal aborts. (Node's own `close` waits for a connection on which
 * nothing was asked yet.)
 */
export function drainable(server: Server): (cut: AbortSignal) => Promise<void> {
  const open = new Set<Socket>()
  const busy = new WeakSet<Socket>()
  let isClosing = false
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    if (isClosing) socket.destroySoon()
  })
  server.on('request', ({ socket }, res) => {
    busy.add(socket)
    // Later than the connection itself, where its client has hung up.
    res.once('close', () => {
      busy.delete(socket)
      if (isClosing) socket.destroySoon()
    })
  })
  return async (cut) => {
    isClosing = true
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) if (!busy.has(socket)) socket.destroy()
    cut.addEventListener('abort', () => server.closeAllConnections())
    await closed
  }
}
