import type { IncomingMessage } from 'node:http'
import { Problem } from '../problems.ts'

const form = /^(?:"([!#-~]{1,200})"|([!#-~]{1,200}))$/

/**
 * The Idempotency-Key of a request (draft-ietf-httpapi-idempotency-key-header): in quotes, as a structured field is, or without,
 * as many clients send it. Throws BAD_REQUEST.
 */
export function idempotencyKey({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const header = headers['idempotency-key']
  if (header === undefined) return undefined
  const match = form.exec(String(header))
  const key = match?.[1] ?? match?.[2]
  if (key === undefined)
    throw new Problem(
      'BAD_REQUEST',
      'The Idempotency-Key must be 1 to 200 visible ASCII characters without quotes, in quotes or not.',
    )
  return key
}
