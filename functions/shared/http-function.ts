import { http } from '@google-cloud/functions-framework'
import { readConfig } from '../../lib/config.ts'
import { executionOf, inExecution } from '../../lib/execution.ts'
import type { FunctionName } from '../../lib/functions.ts'
import { router, type Route } from '../../lib/http/router.ts'
import { keepRequestsRaw } from '../../lib/http/raw-request.ts'
import { authenticate } from './authenticate.ts'
import { hostedFunction } from './hosted.ts'
import { untilDone } from './shutdown.ts'

/** What each HTTP function that was loaded serves; openapi.yaml is checked against it. */
export const servedRoutes = new Map<FunctionName, readonly Route[]>()

/** Registers an HTTP function that serves these routes. */
export function httpFunction(name: FunctionName, routes: Route[]): void {
  servedRoutes.set(name, routes)
  // Of a bundle with several functions, one that takes events needs the framework to read bodies.
  if ((hostedFunction() ?? name) === name) keepRequestsRaw()
  const { ALLOWED_ORIGINS } = readConfig(['ALLOWED_ORIGINS'])
  const route = router({ name, routes, allowedOrigins: ALLOWED_ORIGINS, authenticate })
  http(name, (req, res) => {
    leaveDomain()
    return inExecution(executionOf(req.headers), () => untilDone(() => route(req, res)))
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
