import type { Server } from 'node:http'
import { createEventServer as createRealServer, type EventServerOptions } from '../gcp/events.ts'
import { between, happens } from './injected.ts'
import { note } from './journal.ts'

export * from '../gcp/events.ts'

const often = 0.2

/** What stands where Eventarc does, and delivers events late, so that others overtake them, and again. */
export function createEventServer(options: EventServerOptions): Server {
  return createRealServer({
    ...options,
    async deliver(name, headers, body) {
      await options.deliver(name, headers, body)
      note({ what: 'delivered', function: name })
    },
    waits() {
      const wait = happens('an event is late', often) ? between(500, 3000) : 0
      return happens('an event comes again', often) ? [wait, wait + between(0, 5000)] : [wait]
    },
  })
}
