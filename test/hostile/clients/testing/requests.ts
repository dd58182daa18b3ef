import fc from 'fast-check'
import type { OpenApi, Operation, Parameter } from '../../../openapi/document.ts'
import { authorizations, type Authorization } from './authorizations.ts'
import { bodiesOf, garbage, types, type Body } from './bodies.ts'
import { headerText, nastyKey, nastyText, nastyValue, someOf, urlText } from './nasty.ts'
import type { Pool } from './pool.ts'
import type { WireRequest } from './request.ts'
import { valuesOf } from './schemas.ts'

/** A request, and what is known of it. */
export interface Asking extends WireRequest {
  operation: Operation
  /** It leads to this operation for sure, and not to another one by a part of its path. */
  isAtHome: boolean
  /** The value that was sent as JSON, where it was nothing but that, by somebody who may do everything. */
  json?: { value: unknown }
}

/** Requests to an operation: right ones, nearly right ones, and garbage. */
export function requestsTo(api: OpenApi, operation: Operation, pool: Pool): fc.Arbitrary<Asking> {
  const { parameters, body } = api.askedBy(operation)
  const inPath = parameters.filter((parameter) => parameter.in === 'path')
  const noise = fc.record({ bytes: garbage, type: types })
  return fc
    .record({
      path: fc.tuple(...inPath.map(({ name }) => pathPart(name, pool))),
      query: queryOf(api, operation, parameters),
      headers: headersOf(api, parameters),
      authorization: authorizations(operation, pool),
      body: body ? bodiesOf(api, body) : fc.option(noise, { nil: undefined }),
    })
    .map((parts) => askingOf(operation, parts))
}

interface Parts {
  path: PathPart[]
  query: string
  headers: Record<string, string>
  authorization: Authorization
  body: Body | undefined
}

function askingOf(operation: Operation, { path, query, headers, authorization, body }: Parts): Asking {
  const filled = path.reduce(
    (whole, { name, text }) => whole.replace(`{${name}}`, () => text),
    operation.path,
  )
  const target = filled + query
  const isRight = authorization.isRight && headers['Content-Encoding'] === undefined
  return {
    operation,
    method: operation.method,
    target,
    headers: {
      ...headers,
      ...(authorization.value !== undefined && { Authorization: authorization.value }),
      ...(body?.type !== undefined && { 'Content-Type': body.type }),
    },
    body: body?.bytes,
    isAtHome: path.every(({ isOneSegment }) => isOneSegment),
    ...(isRight && body?.json && { json: body.json }),
  }
}

interface PathPart {
  name: string
  text: string
  isOneSegment: boolean
}

/** An id in the path; what URLs resolve, and the names of other routes, lead elsewhere. */
function pathPart(name: string, { ids }: Pool): fc.Arbitrary<PathPart> {
  const id = fc.constantFrom(...ids)
  return fc
    .oneof(
      { weight: 4, arbitrary: id },
      id.map((text) => text.toUpperCase()),
      id.map((text) => `${text}%00`),
      id.map((text) => `${text}.mp4`),
      { weight: 2, arbitrary: urlText },
    )
    .map((text) => ({ name, text, isOneSegment: !/^(|\.|%2e){1,2}$|^events$|[\\/?#]/i.test(text) }))
}

const others = fc.array(
  fc.tuple(
    nastyKey.map((key) => encodeURIComponent(key.toWellFormed()).slice(0, 500)),
    urlText,
  ),
  {
    maxLength: 2,
  },
)

function queryOf(api: OpenApi, { security }: Operation, parameters: Parameter[]): fc.Arbitrary<string> {
  const named = parameters
    .filter((parameter) => parameter.in === 'query')
    .map(({ name, schema, required }) => {
      const value = fc.oneof(
        {
          weight: 3,
          arbitrary: valuesOf(api, schema).map((any) =>
            encodeURIComponent(String(any).toWellFormed()).slice(0, 1500),
          ),
        },
        urlText,
        pageTokens,
      )
      const values = fc.array(value, { minLength: required ? 1 : 0, maxLength: 2 })
      return values.map((all) => all.map((text): [string, string] => [name, text]))
    })
  const tokens = urlText.map((text): [string, string][] =>
    security.includes('streamToken') ? [['token', text]] : [],
  )
  return fc.tuple(others, tokens, ...named).map((groups) => {
    const query = groups.flat().map(([name, text]) => `${name}=${text}`)
    return query.length > 0 ? `?${query.join('&')}` : ''
  })
}

/** Places in a list that nobody was ever told. */
const pageTokens: fc.Arbitrary<string> = fc
  .tuple(fc.oneof(nastyValue, fc.date({ noInvalidDate: true })), fc.oneof(fc.uuid(), nastyText))
  .map((position) => Buffer.from(JSON.stringify(position)).toString('base64url').slice(0, 1000))

/** Headers that somebody on the way may look at. */
const stray = someOf({
  Origin: headerText,
  'X-Forwarded-For': headerText,
  traceparent: headerText,
  'Function-Execution-Id': headerText,
  'Ce-Id': headerText,
  'Ce-Type': headerText,
  'Content-Encoding': fc.constantFrom('gzip', 'identity', 'br, gzip'),
  'Accept-Encoding': headerText,
  'If-None-Match': headerText,
  'X-HTTP-Method-Override': fc.constantFrom('DELETE', 'PUT'),
  Cookie: headerText,
  'X-Tapedeck-Bus': headerText,
})

function headersOf(api: OpenApi, parameters: Parameter[]): fc.Arbitrary<Record<string, string>> {
  const named = parameters
    .filter((parameter) => parameter.in === 'header')
    .map(({ name, schema }): [string, fc.Arbitrary<string>] => [
      name,
      fc.oneof(ranges, headerText, valuesOf(api, schema).map(String).filter(isHeader)),
    ])
  const own = someOf(Object.fromEntries(named))
  const strange = fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, stray)
  return fc.tuple(strange, own).map(([some, more]) => Object.assign({}, some, more))
}

const isHeader = (text: string): boolean => /^[\t\x20-\x7e]*$/.test(text)

export const ranges: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom('bytes', 'BYTES', 'lines', ''),
    fc.array(rangeEnds(), { minLength: 1, maxLength: 3 }),
  )
  .map(([unit, all]) => `${unit}=${all.join(', ')}`)

function rangeEnds(): fc.Arbitrary<string> {
  const end = fc.constantFrom('', '0', '1', '-1', '8', '99999999999999999999', '9'.repeat(400), '1.5', 'x')
  return fc.tuple(end, end).map((ends) => ends.join('-'))
}
