import fc from 'fast-check'
import type { Operation } from '../../../openapi/document.ts'
import { headerText, nastyText, nastyValue } from './nasty.ts'
import type { Pool } from './pool.ts'

/** What somebody says of who they are. */
export interface Authorization {
  value: string | undefined
  isRight: boolean
}

export function authorizations({ security }: Operation, { tokens }: Pool): fc.Arbitrary<Authorization> {
  const [admin = ''] = tokens
  if (security.includes('password')) return logIns.map((value) => ({ value, isRight: false }))
  const right = fc.constant({ value: `Bearer ${admin}`, isRight: true })
  const wrong = fc.oneof(
    fc.constantFrom(...tokens.map((token) => `Bearer ${token}`)),
    fc.constant(undefined),
    headerText,
    headerText.map((text) => `Basic ${Buffer.from(text).toString('base64').slice(1)}`),
    forgedTokens(admin),
  )
  return fc.oneof(
    { weight: 6, arbitrary: right },
    wrong.map((value) => ({ value, isRight: false })),
  )
}

/** Few of them with a password in them: to check one takes time. */
const logIns: fc.Arbitrary<string | undefined> = fc.oneof(
  fc.constantFrom(
    undefined,
    'Basic',
    'Basic ',
    'Basic ====',
    'Basic Og==',
    'basic //8=',
    'Basic AAAA, Basic AAAA',
  ),
  headerText,
  headerText.map((text) => `Basic ${text}`),
  fc.tuple(nastyText, nastyText).map((both) => {
    const text = Buffer.from(both.join(':')).toString('base64').slice(0, 2000)
    return `Basic ${text}`
  }),
)

/** Tokens that look like ours, with a head or a body of another's making, and no signature of ours. */
export function forgedTokens(genuine: string): fc.Arbitrary<string> {
  const [head = '', body = '', signature = ''] = genuine.split('.')
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const key = fc.constantFrom(
    'kid',
    'kid',
    'kid',
    'alg',
    'typ',
    'crit',
    'b64',
    'jwk',
    'jku',
    'x5u',
    'zip',
    '__proto__',
  )
  const odd = fc.oneof(
    fc.constantFrom(['x'], '__name__', '../x', 5, true, null, {}, 'none', 'HS256', ['b64']),
    nastyValue,
  )
  const changed = fc.tuple(key, odd).map(([name, value]) => part({ ...decoded(head), [name]: value }))
  return fc
    .oneof(
      changed.map((other) => `${other}.${body}.${signature}`),
      odd.map((value) => `${part(value)}.${body}.${signature}`),
      odd.map((value) => `${head}.${part(value)}.${signature}`),
      fc.constantFrom(`${head}.${body}.`, `${head}.${body}.AAAA`, `${head}..${signature}`),
    )
    .map((token) => `Bearer ${token.slice(0, 8000)}`)
}

const decoded = (part: string): object => JSON.parse(Buffer.from(part, 'base64url').toString()) as object
