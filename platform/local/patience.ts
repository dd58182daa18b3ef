import type { IncomingMessage, ServerResponse } from 'node:http'
import { bodyHeaders } from '../../lib/http/raw-request.ts'

export interface Patience {
  /** So long nothing may move on a connection. */
  idleMs: number
  /** So long a request may take to come, unless it is an upload. */
  wholeMs: number
}

const patience: Patience = { idleMs: 120_000, wholeMs: 60_000 }

/**
 * Ends the connection of a client that keeps others waiting for nothing: that neither sends nor reads what is there for it, or
 * whose request trickles in without end. An upload may take hours, as long as something comes and it was not answered yet.
 * (Node has no limit of the first kind by itself, and of the second kind one that would hold for uploads, too.)
 */
export function limitPatience(
  request: IncomingMessage,
  response: ServerResponse,
  isUpload: boolean,
  { idleMs, wholeMs }: Patience = patience,
): void {
  request.setTimeout(idleMs)
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
