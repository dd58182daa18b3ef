import fc from 'fast-check'
import type { OpenApi, Part } from '../../../openapi/document.ts'
import { nastyKey, nastyText, nastyValue } from './nasty.ts'
import { nearly, valuesOf } from './schemas.ts'

/** A body, and what it is said to be. */
export interface Body {
  bytes: Buffer
  type: string | undefined
  json?: { value: unknown } | undefined
}

export const types = fc.constantFrom(
  undefined,
  'application/json',
  'application/json; charset=utf-16',
  'APPLICATION/JSON ;charset="utf-8"',
  'application/problem+json',
  'text/plain',
  'multipart/form-data',
  'multipart/form-data; boundary=b',
  `multipart/form-data; boundary=${'b'.repeat(300)}`,
  'multipart/form-data; boundary=""',
  'application/x-www-form-urlencoded',
  '\xff/\xfe',
  '',
)

export const garbage: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  nastyText.map((text) => Buffer.from(text)),
  fc
    .constantFrom(
      '{"a":1,"a":{"a":2}}',
      '{"filename":"a.mp4","size":1,"size":-1}',
      '[1e999, -1e999]',
      '{"count": 00}',
      '['.repeat(30_000),
      `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`,
      `[${'0,'.repeat(30_000)}0]`,
      `"${'\\u0000'.repeat(10_000)}"`,
      '9'.repeat(60_000),
      `"${'x'.repeat(70_000)}"`,
    )
    .map((text) => Buffer.from(text)),
  fc.constantFrom('{}', '"가"').map((text) => Buffer.from(`\uFEFF${text}`, 'utf16le')),
)

export function bodiesOf(
  api: OpenApi,
  { mediaType, schema }: { mediaType: string; schema: Part },
): fc.Arbitrary<Body> {
  const noise = fc.record({ bytes: garbage, type: types })
  if (mediaType !== 'application/json') return fc.oneof({ weight: 3, arbitrary: forms }, noise)
  const values = valuesOf(api, schema)
  const json = fc.oneof(values, { weight: 2, arbitrary: nearly(values) }, nastyValue).map((value) => ({
    bytes: Buffer.from(JSON.stringify(value)),
    type: mediaType,
    json: { value },
  }))
  return fc.oneof({ weight: 5, arbitrary: json }, noise)
}

/** Forms: their parts' names, file names, types and texts are anybody's. */
const forms: fc.Arbitrary<Body> = fc
  .record({
    parts: fc.array(
      fc.record({
        name: fc.oneof(
          { weight: 4, arbitrary: fc.constantFrom('file', 'file', 'bitrate', 'quality') },
          nastyKey,
        ),
        filename: fc.option(fc.oneof(fc.constant('a.mp4'), nastyText), { nil: undefined }),
        type: fc.option(
          fc.oneof(fc.constantFrom('video/mp4', 'text/plain; charset=utf-16', 'a/b\nX: 1'), nastyText),
        ),
        text: fc.oneof(fc.constantFrom('128', '0', '-1', '1e3', ''), nastyText),
      }),
      { maxLength: 4 },
    ),
    end: fc.constantFrom('--\r\n', '--', '', '--\r\nmore', '\r\n\r\n'),
  })
  .map(({ parts, end }) => {
    const heads = parts.map(({ name, filename, type, text }) => {
      const file = filename === undefined ? '' : `; filename="${filename}"`
      const typed = type === null ? '' : `\r\nContent-Type: ${type}`
      return `--b\r\nContent-Disposition: form-data; name="${name}"${file}${typed}\r\n\r\n${text}\r\n`
    })
    return { bytes: Buffer.from(`${heads.join('')}--b${end}`), type: 'multipart/form-data; boundary=b' }
  })
