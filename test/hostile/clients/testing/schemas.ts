import fc from 'fast-check'
import type { OpenApi, Part } from '../../../openapi/document.ts'
import { nastyKey, nastyText, nastyValue } from './nasty.ts'

/** What openapi.yaml's schemas have, as far as it is used to make values of it. */
interface Schema {
  type?: string
  enum?: unknown[]
  const?: unknown
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  properties?: Record<string, unknown>
  required?: string[]
  oneOf?: unknown[]
}

const formats: Record<string, fc.Arbitrary<string>> = {
  uuid: fc.uuid(),
  'date-time': fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  uri: fc.webUrl(),
}

/** Values that this schema allows, or nearly: what it says beside types and limits is not looked at. */
export function valuesOf(api: OpenApi, part: Part): fc.Arbitrary<unknown> {
  const schema: Schema = part.value
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.oneOf)
    return fc.oneof(
      ...schema.oneOf.map((_, place) => valuesOf(api, api.within(part, 'oneOf', String(place)))),
    )
  switch (schema.type) {
    case 'string':
      return textsOf(schema)
    case 'integer':
      return fc.integer({
        min: schema.minimum ?? Number.MIN_SAFE_INTEGER,
        max: schema.maximum ?? Number.MAX_SAFE_INTEGER,
      })
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e308, max: schema.maximum ?? 1e308, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array': {
      const { minItems: minLength = 0, maxItems: maxLength = 5 } = schema
      return fc.array(valuesOf(api, api.within(part, 'items')), {
        minLength,
        maxLength: Math.min(maxLength, 5),
      })
    }
    case 'object':
      return objectsOf(api, part)
    case undefined:
    default:
      return nastyValue
  }
}

function textsOf({ pattern, format, minLength = 0, maxLength = 100 }: Schema): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
  const formatted = format === undefined ? undefined : formats[format]
  if (formatted) return formatted
  const most = Math.min(Math.max(maxLength, minLength), minLength + 100)
  return fc.oneof(fc.string({ minLength, maxLength: most }), nastyText)
}

function objectsOf(api: OpenApi, part: Part): fc.Arbitrary<unknown> {
  const { properties = {}, required = [] }: Schema = part.value
  const fields = Object.keys(properties).map((name) => [
    name,
    valuesOf(api, api.within(part, 'properties', name)),
  ])
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: required.filter((name) => name in properties),
  })
}

/** Such values with one thing wrong: a part replaced, left out, or added. */
export const nearly = (values: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc
    .tuple(
      values,
      fc.array(fc.nat(100), { maxLength: 4 }),
      nastyKey,
      nastyValue,
      fc.constantFrom('set', 'drop', 'add'),
    )
    .map(([value, path, key, instead, how]) => spoilt(value, path, { key, instead, how }))

interface Spoiling {
  key: string
  instead: unknown
  how: 'set' | 'drop' | 'add'
}

function spoilt(value: unknown, [step = 0, ...path]: number[], spoiling: Spoiling): unknown {
  if (typeof value !== 'object' || value === null) return spoiling.instead
  const entries: [string, unknown][] = Object.entries(value)
  const isList = Array.isArray(value)
  const { key, instead, how } = spoiling
  if (how === 'add' && path.length === 0) entries.push([isList ? String(entries.length) : key, instead])
  else if (entries.length > 0) {
    const place = step % entries.length
    const [name, old] = entries[place] ?? ['', undefined]
    if (how === 'drop' && path.length === 0) entries.splice(place, 1)
    else entries[place] = [name, path.length === 0 ? instead : spoilt(old, path, spoiling)]
  }
  // As JSON.parse does it, so that `__proto__` is a field like any other.
  return isList ? entries.map(([, item]) => item) : Object.fromEntries(entries)
}
