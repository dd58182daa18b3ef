import { ServerTime } from '../../lib/server-time.ts'

// Dates are kept as text that sorts by time behind a character that no other text starts with;
// text that does start with it gets a second one in front.
const mark = '\u0001'

const encodeText = (text: string): string => (text.startsWith(mark) ? mark + text : text)
const encodeDate = (date: Date): string => `${mark}${date.toISOString()}`

/** A value as it stands in a document and is compared in queries. */
export function encodeValue(value: string | number | boolean | Date): string | number {
  if (value instanceof Date) return encodeDate(value)
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' ? encodeText(value) : value
}

/** A record as JSON text, with `now` wherever it says server time. Throws on a server time within an array. */
export function encodeDocument(data: unknown, now: Date): string {
  return JSON.stringify(encode(data, now, false))
}

function encode(value: unknown, now: Date, inArray: boolean): unknown {
  if (value instanceof ServerTime) {
    if (inArray) throw new TypeError('A server time cannot stand in an array.')
    return encodeDate(now)
  }
  if (value instanceof Date) return encodeDate(value)
  if (typeof value === 'string') return encodeText(value)
  if (Array.isArray(value)) return value.map((item) => encode(item, now, true))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, encode(item, now, inArray)]))
}

/** The record that this JSON text holds. */
export const decodeDocument = (json: string): unknown => decode(JSON.parse(json))

/** In place: what was just parsed is nobody else's. (A reviver takes several times as long.) */
function decode(value: unknown): unknown {
  if (typeof value === 'string') return decodeText(value)
  if (typeof value !== 'object' || value === null) return value
  // A parsed object or array, by the names of its fields.
  const fields = value as Record<string, unknown>
  for (const key of Object.keys(fields)) {
    const field = fields[key]
    const decoded = decode(field)
    if (decoded !== field) fields[key] = decoded
  }
  return value
}

function decodeText(text: string): string | Date {
  if (!text.startsWith(mark)) return text
  return text.startsWith(mark + mark) ? text.slice(1) : new Date(text.slice(1))
}
