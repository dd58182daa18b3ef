import fc from 'fast-check'

/** Texts that have brought other programs down, or let somebody in. */
const known = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\r\nX-Injected: 1\r\n\r\n<script>',
  '\n',
  '..',
  '../../etc/passwd',
  '..\\..\\boot.ini',
  'file:///etc/passwd',
  '%00',
  '%FF',
  '%2e%2e%2f',
  '\u202Egpj.exe',
  '\u200B',
  '\uFEFF{}',
  '\u2028\u2029',
  'e\u0301',
  '\u212A',
  'İ',
  'ﬁ',
  'ﷺ',
  '\uD800',
  '\uDC00\uD800',
  'a\uDFFF',
  '\uFFFF',
  '🎬'.repeat(50),
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A',
  '__proto__',
  'constructor',
  'toString',
  '__name__',
  "' OR 1=1 --",
  '{{7*7}}${7*7}',
  '<img src=x onerror=alert(1)>',
  '-1',
  '1e309',
  'NaN',
  'null',
  'true',
  '[object Object]',
  'x'.repeat(1001),
  '가'.repeat(2000),
  '+275760-09-13T00:00:00Z',
  '-271821-04-20T00:00:00.000Z',
  '0000-01-01T00:00:00Z',
]

/** Any text at all: what is known for trouble, any characters, and what is no well-formed text. */
export const nastyText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...known) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  fc.string({ unit: 'grapheme', maxLength: 50 }),
  fc.array(fc.nat(0xffff), { maxLength: 30 }).map((units) => String.fromCharCode(...units)),
)

const nastyNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(-1, 0, -0, 0.5, 1e308, -1e308, 5e-324, 2 ** 31, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 2 ** 63),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)

/** Any value that JSON has. */
export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, false, [], {}, [[]], [{}]),
  nastyNumber,
  nastyText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.array(fc.constant(0), { minLength: 1000, maxLength: 3000 }),
)

/** Names that mean something to JavaScript, and others. */
export const nastyKey: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'length', '', '0'),
  nastyText,
)

/** A text in characters that may stand in a header's value. */
export const headerText: fc.Arbitrary<string> = nastyText.map((text) =>
  Buffer.from(text)
    .toString('latin1')
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, '')
    .slice(0, 500),
)

/** A text as a part of a URL: encoded, or as raw as a request may have it. Not so long that its request has no room for it. */
export const urlText: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 3, arbitrary: nastyText.map((text) => encodeURIComponent(text.toWellFormed())) },
    nastyText.map((text) =>
      Buffer.from(text)
        .toString('latin1')
        .replace(/[^\x21-\x7e]|[/?#\\&]/g, ''),
    ),
  )
  .map((text) => text.slice(0, 1500))

/** Some of these headers, each with its own values. */
export const someOf = (headers: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<Record<string, string>> =>
  // One that is left out is not there at all.
  fc.record(headers, { requiredKeys: [] }) as fc.Arbitrary<Record<string, string>>
