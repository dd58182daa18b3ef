import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'

/** The headers that tell of a request's body. */
export interface BodyHeaders {
  'content-type'?: string | undefined
  'content-length'?: string | undefined
  'transfer-encoding'?: string | undefined
  'content-encoding'?: string | undefined
}

const putAside = new WeakMap<IncomingMessage, BodyHeaders>()
let subscribed = false

/**
 * From now on, bodies of HTTP requests reach functions untouched. functions-framework reads every body into memory before
 * a function sees it, unless the request shows none: so the headers that tell of one are put aside as the request comes in.
 */
export function keepBodiesUntouched(): void {
  if (subscribed) return
  subscribed = true
  subscribe('http.server.request.start', (message) => {
    // The channel's documented message shape.
    const { request } = message as { request: IncomingMessage }
    const { headers } = request
    putAside.set(request, {
      'content-type': headers['content-type'],
      'content-length': headers['content-length'],
      'transfer-encoding': headers['transfer-encoding'],
      'content-encoding': headers['content-encoding'],
    })
    delete headers['content-type']
    delete headers['content-length']
    delete headers['transfer-encoding']
    delete headers['content-encoding']
  })
}

/** The body headers that were put aside, or the request's own. */
export const bodyHeaders = (request: IncomingMessage): BodyHeaders => putAside.get(request) ?? request.headers

/** Gives a request its body's headers back, for a function whose body the framework shall read: one that takes events. */
export function restoreBodyHeaders(request: IncomingMessage): void {
  Object.assign(request.headers, putAside.get(request))
}
