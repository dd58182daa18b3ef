import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'

/** What a request with a signature turns out to be. */
export type SignatureCheck = 'valid' | 'expired' | 'wrong' | 'missing'

/** Cloud Storage's limit. */
const longestSeconds = 7 * 24 * 3600

/** The query that lets whoever has it GET `path` until `expiresAt`. Names of parameters are those of V4 signed URLs. */
export function signQuery(
  key: KeyObject,
  path: string,
  options: { expiresInSeconds: number; contentDisposition: string },
): { query: string; expiresAt: Date } {
  const { expiresInSeconds } = options
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > longestSeconds)
    throw new RangeError(`A signed URL is valid for 1 to ${longestSeconds} seconds, not ${expiresInSeconds}.`)
  const signedAt = Math.floor(Date.now() / 1000)
  // In the order in which they are signed.
  const parameters = new URLSearchParams({
    'X-Goog-Date': formatDate(new Date(signedAt * 1000)),
    'X-Goog-Expires': String(expiresInSeconds),
    'response-content-disposition': options.contentDisposition,
  }).toString()
  return {
    query: `${parameters}&X-Goog-Signature=${signature(key, path, parameters)}`,
    expiresAt: new Date((signedAt + expiresInSeconds) * 1000),
  }
}

/** Checks the query of a request for `path`, which must be spelled exactly as it was signed. */
export function checkQuery(key: KeyObject, path: string, query: URLSearchParams): SignatureCheck {
  const given = query.get('X-Goog-Signature')
  if (given === null) return 'missing'
  const signed = new URLSearchParams(query)
  signed.delete('X-Goog-Signature')
  signed.sort()
  const expected = Buffer.from(signature(key, path, signed.toString()))
  const actual = Buffer.from(given)
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return 'wrong'
  const signedAt = parseDate(query.get('X-Goog-Date') ?? '')
  const expiresAt = signedAt + Number(query.get('X-Goog-Expires')) * 1000
  return Date.now() < expiresAt ? 'valid' : 'expired'
}

/** Covers every parameter, sorted by name: none can be changed, added or left out. A HEAD is answered wherever a GET would be. */
const signature = (key: KeyObject, path: string, parameters: string): string =>
  createHmac('sha256', key).update(`GET\n${path}\n${parameters}`).digest('hex')

/** ISO 8601's basic format, in seconds: 20261120T203000Z. */
const formatDate = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+/g, '')

const parseDate = (text: string): number =>
  Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
