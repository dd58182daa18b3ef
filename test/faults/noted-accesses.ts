import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { countAccess as count } from '../../functions/download/accesses.ts'
import { note } from './journal.ts'

/** Names a request, so that it is known which one an access was counted for. */
export const requestHeader = 'x-faults-request'

const current = new AsyncLocalStorage<string>()

// Within the same turn Node hands the request to its listeners, and all that follows from it is within this.
subscribe('http.server.request.start', (message) => {
  const { request } = message as { request: IncomingMessage }
  current.enterWith(String(request.headers[requestHeader] ?? ''))
})

export const countAccess: typeof count = (object, read) => {
  const request = current.getStore()
  note({ what: 'access', object: object.name, ...(request !== undefined && { request }) })
  return count(object, read)
}
