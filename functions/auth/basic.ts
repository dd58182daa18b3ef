import { Problem } from '../../lib/problems.ts'

/** E-mail and password of an HTTP Basic header (RFC 7617, UTF-8). Throws BAD_CREDENTIALS. */
export function readBasicCredentials(header: string | undefined): { email: string; password: string } {
  const encoded = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header ?? '')?.[1]
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  // No WWW-Authenticate: a browser would ask by a window of its own, and remember.
  if (colon < 1)
    throw new Problem('BAD_CREDENTIALS', 'Send e-mail and password as HTTP Basic authentication.')
  return { email: text.slice(0, colon), password: text.slice(colon + 1) }
}
