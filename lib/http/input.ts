import type { IncomingMessage } from 'node:http'
import * as z from 'zod'
import { Problem } from '../problems.ts'
import { bodyHeaders } from './raw-request.ts'

/** The query's values, checked. Throws UNPROCESSABLE. */
export function readQuery<S extends z.ZodType>(url: URL, schema: S): z.output<S> {
  return checked(schema, Object.fromEntries(url.searchParams))
}

/** How many entries one page of a list shall have. */
export const pageLimit = z.coerce
  .number({ error: 'must be a number' })
  .int('must be a whole number')
  .min(1, 'must be at least 1')
  .max(100, 'must be at most 100')
  .default(50)

const jsonLimit = 64 * 1024

/** The JSON body, at most 64 KiB of it, checked. Throws UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, BAD_JSON, UNPROCESSABLE. */
export async function readJson<S extends z.ZodType>(req: IncomingMessage, schema: S): Promise<z.output<S>> {
  const headers = bodyHeaders(req)
  const type = headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json' || headers['content-encoding'] !== undefined) {
    throw new Problem(
      'UNSUPPORTED_MEDIA_TYPE',
      `The body must be plain application/json; ${type ?? 'no content type'} came.`,
    )
  }
  const body = await readBody(req)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (error) {
    throw new Problem(
      'BAD_JSON',
      `The body is not valid JSON: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  return checked(schema, value)
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    // A stream that is left early is destroyed by default, and the answer with it.
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > jsonLimit)
        throw new Problem('PAYLOAD_TOO_LARGE', `A JSON body may have ${jsonLimit} bytes at most.`)
      chunks.push(chunk)
    }
  } catch (error) {
    // Whoever hangs up is no failure of the server's.
    if (error instanceof Problem || req.complete) throw error
    throw new Problem('BAD_JSON', 'The connection was closed before the whole body had come.')
  }
  return Buffer.concat(chunks)
}

/** `value` as the schema gives it. Throws UNPROCESSABLE with one entry for each wrong field. */
export function checked<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const errors = result.error.issues.map((issue) => ({
    field: issue.path.join('.') || (issue.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'body'),
    detail: issue.message,
  }))
  const detail = errors.map((error) => `${error.field}: ${error.detail}`).join('; ')
  throw new Problem('UNPROCESSABLE', detail, { errors })
}
