import { parseArgs } from 'node:util'
import { http } from '@google-cloud/functions-framework'
import { readConfig } from '../../lib/config.ts'
import { executionOf, inExecution } from '../../lib/execution.ts'
import type { FunctionName } from '../../lib/functions.ts'
import { router, type Route } from '../../lib/http/router.ts'
import { keepRequestsRaw } from '../../lib/http/raw-request.ts'
import { authenticate } from './authenticate.ts'

/** What each HTTP function that was loaded serves; openapi.yaml is checked against it. */
export const servedRoutes = new Map<FunctionName, readonly Route[]>()

/**
 * The one function that this process hosts, where it hosts one: so it is in the cloud. Of a bundle with several, one that takes
 * events needs the framework to read bodies.
 */
function hostedFunction(): string | undefined {
  const { values } = parseArgs({ options: { target: { type: 'string' } }, strict: false })
  return typeof values.target === 'string' ? values.target : process.env['FUNCTION_TARGET']
}

/** Registers an HTTP function that serves these routes. */
export function httpFunction(name: FunctionName, routes: Route[]): void {
  servedRoutes.set(name, routes)
  if ((hostedFunction() ?? name) === name) keepRequestsRaw()
  const { ALLOWED_ORIGINS } = readConfig(['ALLOWED_ORIGINS'])
  const route = router({ name, routes, allowedOrigins: ALLOWED_ORIGINS, authenticate })
  http(name, (req, res) => {
    leaveDomain()
    return inExecution(executionOf(req.headers), () => route(req, res))
  })
}

/**
 * The framework runs each request in a `node:domain`, which Node then attaches to every promise that is made: that took two thirds
 * of the time of a short answer. What it is there for, an answer to what a function throws, the router gives.
 */
function leaveDomain(): void {
  const { domain } = process as { domain?: { exit(): void } | null }
  domain?.exit()
}
