import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { parse } from 'yaml'

type Json = Record<string, unknown>

/** A part of the document, and the JSON pointer under which it was found, references followed. */
export interface Part {
  pointer: string
  value: Json
}

export interface Operation {
  id: string
  method: string
  path: string
  /** The names of the security schemes that it takes; none: anyone may call it. */
  security: string[]
  /** Statuses, and `default`. */
  statuses: string[]
}

/** One kind of body that an operation's answer of this status can have, or that it has none. */
export interface Answer {
  operation: Operation
  status: string
  mediaType: string | undefined
  /** The pointer of the body's schema, where there is one. */
  schema: string | undefined
  examples: Record<string, unknown>
}

/** A value that goes along with a request. */
export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  schema: Part
}

/** What an operation takes. */
export interface Asked {
  parameters: Parameter[]
  /** Absent where the operation has none. */
  body?: { mediaType: string; schema: Part }
}

export const isProblem = ({ mediaType }: Answer): boolean => mediaType === 'application/problem+json'

const methods = ['get', 'post', 'put', 'patch', 'delete']

export type OpenApi = Awaited<ReturnType<typeof readOpenApi>>

const unescapePointer = (key: string): string => key.replaceAll('~1', '/').replaceAll('~0', '~')

/** openapi.yaml, with what tests ask of it. */
export async function readOpenApi() {
  const text = await readFile(join(import.meta.dirname, '../../openapi.yaml'), 'utf8')
  const document = parse(text) as Json
  const ajv = new Ajv2020({ allErrors: true })
  formats.default(ajv)
  // The document is no schema itself, but has some.
  ajv.addVocabulary(Object.keys(document))
  ajv.addSchema(document, 'openapi.yaml')

  /** What stands under these keys, one in the other. */
  function find(...keys: string[]): Part {
    let part: Part = { pointer: '#', value: document }
    for (const key of keys) {
      const pointer = `${part.pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      part = follow({ pointer, value: part.value[key] as Json })
    }
    return part
  }

  function follow(part: Part): Part {
    if (part.value === undefined) throw new Error(`openapi.yaml has nothing at ${part.pointer}.`)
    const reference = part.value['$ref']
    return typeof reference === 'string' ? find(...reference.split('/').slice(1).map(unescapePointer)) : part
  }

  const keysOf = (part: unknown): string[] => Object.keys(part ?? {})

  const operations = keysOf(document['paths']).flatMap((path) =>
    methods
      .filter((method) => method in find('paths', path).value)
      .map((method): Operation => {
        const { value } = find('paths', path, method)
        const security = (value['security'] ?? document['security']) as Json[]
        return {
          id: String(value['operationId']),
          method: method.toUpperCase(),
          path,
          security: security.flatMap(keysOf),
          statuses: keysOf(value['responses']),
        }
      }),
  )

  const responseKeys = ({ path, method }: Operation, status: string): string[] => [
    'paths',
    path,
    method.toLowerCase(),
    'responses',
    status,
  ]

  function answersOf(operation: Operation, status: string): Answer[] {
    const keys = responseKeys(operation, status)
    const mediaTypes = keysOf(find(...keys).value['content'])
    if (mediaTypes.length === 0)
      return [{ operation, status, mediaType: undefined, schema: undefined, examples: {} }]
    return mediaTypes.map((mediaType) => {
      const media = [...keys, 'content', mediaType]
      const { schema, examples } = find(...media).value
      const example = (name: string): unknown => find(...media, 'examples', name).value['value']
      return {
        operation,
        status,
        mediaType,
        schema: schema ? find(...media, 'schema').pointer : undefined,
        examples: Object.fromEntries(keysOf(examples).map((name) => [name, example(name)])),
      }
    })
  }

  const answers = operations.flatMap((operation) =>
    operation.statuses.flatMap((status) => answersOf(operation, status)),
  )

  /** The headers of an answer: their schemas' pointers, and whether they must be there. */
  function headersOf({ operation, status }: Answer): { name: string; required: boolean; schema: string }[] {
    const keys = responseKeys(operation, status)
    return keysOf(find(...keys).value['headers']).map((name) => ({
      name,
      required: find(...keys, 'headers', name).value['required'] === true,
      schema: find(...keys, 'headers', name, 'schema').pointer,
    }))
  }

  /** The parts of a list under these keys. */
  const partsOf = (...keys: string[]): Part[] =>
    keysOf(find(...keys.slice(0, -1)).value[keys.at(-1) ?? '']).map((place) => find(...keys, place))

  /** What an operation takes: its path's parameters, its own, and its body. */
  function askedBy({ path, method }: Operation): Asked {
    const keys = ['paths', path, method.toLowerCase()]
    const parts = [...partsOf('paths', path, 'parameters'), ...partsOf(...keys, 'parameters')]
    const parameters = parts.map(({ pointer, value }) => ({
      name: String(value['name']),
      in: value['in'] as Parameter['in'],
      required: value['required'] === true,
      schema: within({ pointer, value }, 'schema'),
    }))
    if (!('requestBody' in find(...keys).value)) return { parameters }
    const body = find(...keys, 'requestBody')
    const [mediaType = ''] = keysOf(body.value['content'])
    return {
      parameters,
      body: { mediaType, schema: find(...keys, 'requestBody', 'content', mediaType, 'schema') },
    }
  }

  /** What a part has under these keys. */
  const within = ({ pointer }: Part, ...keys: string[]): Part =>
    find(...pointer.split('/').slice(1).map(unescapePointer), ...keys)

  /** What is wrong with a value by the schema at this pointer; an empty text where nothing is. */
  function mistakes(pointer: string, value: unknown): string {
    const validate = ajv.getSchema(`openapi.yaml${pointer}`)
    if (!validate) throw new Error(`openapi.yaml has no schema at ${pointer}.`)
    return validate(value) ? '' : `${pointer}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`
  }

  return {
    document,
    operations,
    answers,
    find,
    within,
    headersOf,
    askedBy,
    mistakes,
    /** What is wrong with a value by this schema of the components. */
    mistakesBy: (schema: string, value: unknown): string =>
      mistakes(find('components', 'schemas', schema).pointer, value),
    /** What is wrong with a schema itself. */
    schemaMistakes: (schema: unknown): string =>
      ajv.validateSchema(schema as Json) ? '' : ajv.errorsText(ajv.errors),
  }
}
