import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'

const bodyHeaderNames = ['content-type', 'content-length', 'transfer-encoding', 'content-encoding'] as const

/** The headers that tell of a request's body. */
export type BodyHeaders = { [name in (typeof bodyHeaderNames)[number]]?: string | undefined }

interface PutAside {
  url: string
  headers: BodyHeaders
}

const putAside = new WeakMap<IncomingMessage, PutAside>()
let subscribed = false

/**
 * From now on, requests reach HTTP functions as they were sent. functions-framework would read every body into memory before
 * a function sees it, and answer a path that is no percent-encoded UTF-8 with a page of its own: so the headers that tell of
 * a body, and such a path, are put aside as the request comes in.
 */
export function keepRequestsRaw(): void {
  if (subscribed) return
  subscribed = true
  subscribe('http.server.request.start', (message) => {
    // The channel's documented message shape.
    const { request } = message as { request: IncomingMessage }
    const { headers, url = '/' } = request
    const put: BodyHeaders = {}
    for (const name of bodyHeaderNames) {
      const value = headers[name]
      if (value !== undefined) put[name] = value
      delete headers[name]
    }
    putAside.set(request, { url, headers: put })
    if (!isDecodable(url)) request.url = '/'
  })
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url)
    return true
  } catch {
    return false
  }
}

/** The URL (path and query) that was asked for. */
export const rawUrl = (request: IncomingMessage): string => putAside.get(request)?.url ?? request.url ?? '/'

/** The headers of the body that was sent. */
export const bodyHeaders = (request: IncomingMessage): BodyHeaders =>
  putAside.get(request)?.headers ?? request.headers

/** Gives a request its body's headers back, for a function whose body the framework shall read: one that takes events. */
export function restoreBodyHeaders(request: IncomingMessage): void {
  Object.assign(request.headers, putAside.get(request)?.headers)
}
