import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyHeaders } from '../../lib/http/raw-request.ts'

export interface Patience {
  /** So long nothing may move on a connection while the client is waited for. */
  idleMs: number
  /** So long a request may take to come, unless it is an upload. */
  wholeMs: number
}

/** What every client gets; tests have less. */
export const patience: Patience = { idleMs: 120_000, wholeMs: 60_000 }

/**
 * Ends the connection of a client that keeps others waiting for nothing: that neither sends nor reads what is there for it, or
 * whose request trickles in without end. An upload may take hours, as long as something comes and it was not answered yet; and the
 * server may, over a slow disk.
 * (Node has no limit of the first kind by itself, and of the second kind one that would hold for uploads, too.)
 */
export function limitPatience(
  request: IncomingMessage,
  response: ServerResponse,
  isUpload: boolean,
  { idleMs, wholeMs }: Patience = patience,
): void {
  const { socket } = request
  response.setTimeout(idleMs, () => {
    if (isAwaited(request, response)) socket.destroy()
    else socket.setTimeout(idleMs)
  })
  const { 'content-length': length, 'transfer-encoding': encoding } = bodyHeaders(request)
  if (length === undefined && encoding === undefined) return
  let timer: NodeJS.Timeout | undefined
  const expectEnd = (): void => {
    if (!request.destroyed) timer = setTimeout(() => request.complete || request.destroy(), wholeMs).unref()
  }
  request.once('close', () => clearTimeout(timer))
  if (isUpload) response.once('finish', expectEnd)
  else expectEnd()
}

/** Whether it is the client's turn: to send more, or to read. */
const isAwaited = (request: IncomingMessage, response: ServerResponse): boolean =>
  (!request.complete && request.readableLength === 0) || response.writableLength > 0
