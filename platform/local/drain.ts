import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/**
 * Watches a server from its beginning. The returned function closes it: no connection is taken any more, those on which nothing is
 * asked go at once, and the others with their answer, or when the signal aborts. (Node's own `close` waits for a connection on which
 * nothing was asked yet.)
 */
export function drainable(server: Server): (cut: AbortSignal) => Promise<void> {
  const idle = new Set<Socket>()
  /** How many requests of each connection have not been answered: more than one may be sent at once. */
  const asked = new WeakMap<Socket, number>()
  let isClosing = false
  const rest = (socket: Socket): void => {
    if ((asked.get(socket) ?? 0) > 0) return
    if (isClosing) socket.destroySoon()
    else if (!socket.destroyed) idle.add(socket)
  }
  server.on('connection', (socket) => {
    rest(socket)
    socket.once('close', () => idle.delete(socket))
  })
  server.on('request', ({ socket }, res) => {
    idle.delete(socket)
    asked.set(socket, (asked.get(socket) ?? 0) + 1)
    res.once('close', () => {
      asked.set(socket, (asked.get(socket) ?? 0) - 1)
      rest(socket)
    })
  })
  return async (cut) => {
    isClosing = true
    const closed = once(server, 'close')
    server.close()
    for (const socket of idle) socket.destroy()
    cut.addEventListener('abort', () => server.closeAllConnections())
    await closed
  }
}
