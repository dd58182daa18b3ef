import { http } from '@google-cloud/functions-framework'
import { readConfig } from '../../lib/config.ts'
import type { FunctionName } from '../../lib/functions.ts'
import { router, type Route } from '../../lib/http/router.ts'
import { keepRequestsRaw } from '../../lib/http/raw-request.ts'
import { authenticate } from './authenticate.ts'

/** Registers an HTTP function that serves these routes. */
export function httpFunction(name: FunctionName, routes: Route[]): void {
  keepRequestsRaw()
  const { ALLOWED_ORIGINS } = readConfig(['ALLOWED_ORIGINS'])
  http(name, router({ name, routes, allowedOrigins: ALLOWED_ORIGINS, authenticate }))
}
