import type { IncomingMessage, ServerResponse } from 'node:http'

/** Lets pages of the allowed origins read the answer. Returns true where that was all that was asked (a preflight). */
export function allowCrossOrigin(
  req: IncomingMessage,
  res: ServerResponse,
  allowed: readonly string[],
): boolean {
  res.setHeader('Vary', 'Origin')
  const { origin } = req.headers
  if (origin !== undefined && allowed.includes(origin)) {
    res.setHeader('Access-Control-Allow-Origin', origin)
    res.setHeader('Access-Control-Expose-Headers', 'Content-Disposition, Date, Location, Retry-After')
  }
  if (req.method !== 'OPTIONS') return false
  res.setHeader('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE')
  res.setHeader('Access-Control-Allow-Headers', 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID')
  res.setHeader('Access-Control-Max-Age', '3600')
  res.statusCode = 204
  res.end()
  return true
}
