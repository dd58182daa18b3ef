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
export function decodeDocument(json: string): unknown {
  return JSON.parse(json, (_key, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(mark)) return value
    return value.startsWith(mark + mark) ? value.slice(1) : new Date(value.slice(1))
  })
}
