import * as z from 'zod'
import { Problem } from '../problems.ts'
import { storableTime } from '../storable-time.ts'

/** A place in a list that is ordered by time. */
export interface Position {
  value: Date
  id: string
}

/** Of a job, or of one of its files. A store may fail where it is asked for a name that no record can have. */
const recordId = /^[\da-f-]{36}(\.mp[34])?$/
const position = z.tuple([storableTime, z.string().regex(recordId)])

/** The `pageToken` of a query. */
export const pageToken = z.string().max(1000, 'must be the nextPageToken of an earlier page').optional()

/** The token of the page that begins behind this place. */
export const encodePosition = (value: Date, id: string): string =>
  Buffer.from(JSON.stringify([value, id])).toString('base64url')

/** The place behind which a page begins; none without a token. Throws UNPROCESSABLE. */
export function decodePosition(token: string | undefined): Position | undefined {
  if (!token) return undefined
  try {
    const [value, id] = position.parse(JSON.parse(Buffer.from(token, 'base64url').toString()))
    return { value, id }
  } catch {
    const detail = 'must be the nextPageToken of an earlier page'
    throw new Problem('UNPROCESSABLE', `pageToken: ${detail}`, { errors: [{ field: 'pageToken', detail }] })
  }
}
