import { parseArgs } from 'node:util'

/** The one function that functions-framework hosts in this process, where it hosts one: so it is in the cloud. */
export function hostedFunction(): string | undefined {
  const { values } = parseArgs({ options: { target: { type: 'string' } }, strict: false })
  return typeof values.target === 'string' ? values.target : process.env['FUNCTION_TARGET']
}
