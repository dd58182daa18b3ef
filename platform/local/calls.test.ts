import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, it, type TestContext } from 'node:test'
import { cloudEvent, http, type CloudEvent } from '@google-cloud/functions-framework'
import { getTestServer } from '@google-cloud/functions-framework/testing'
import { functions } from '../../lib/functions.ts'
import { callsOf } from './calls.ts'

const events: unknown[] = []
let outcome = async (): Promise<void> => undefined

cloudEvent('events', async (event: CloudEvent<unknown>) => {
  events.push({ ...event })
  await outcome()
})
http('requests', async (req, res) => {
  await outcome()
  res.end(`${req.method} ${req.url}`)
})

const headers = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': '7',
  'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
  'ce-source': '//pubsub.googleapis.com/projects/local/topics/work',
  'ce-time': '2026-01-01T00:00:00.000Z',
  'ce-subject': 'objects/%C3%A9.mp4',
}
const data = { message: { data: 'e30=', messageId: '7' }, subscription: 'work' }

/** The framework says on standard error what it refuses. */
const silence = (mock: TestContext['mock']): void => void mock.method(console, 'error', () => undefined)

/** The way without the framework's server has to do the same as the way with it. */
const ways: Record<string, [events: () => RequestListener, requests: () => RequestListener]> = {
  'A function that is called directly': [
    () => callsOf('events', functions.tier.trigger),
    () => callsOf('requests', functions.status.trigger),
  ],
  "A function behind the framework's server": [served('events'), served('requests')],
}

function served(name: string): () => RequestListener {
  return () => {
    const server = getTestServer(name)
    return (req, res) => void server.emit('request', req, res)
  }
}

for (const [way, [ofEvents, ofRequests]] of Object.entries(ways)) {
  describe(way, { timeout: 10_000 }, () => {
    let server: Server
    let url: string
    before(async () => {
      const listeners = [ofEvents(), ofRequests()] as const
      server = createServer((req, res) => listeners[req.url === '/events' ? 0 : 1](req, res))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      // A server that listens on a TCP port has an address of this shape.
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    })
    beforeEach(() => {
      events.length = 0
      outcome = async () => undefined
    })
    after(() => {
      server.close()
      server.closeAllConnections()
    })

    const deliver = async (body = JSON.stringify(data)): Promise<number> =>
      (await fetch(`${url}/events`, { method: 'POST', headers, body })).status

    it('gets an event with all that it says, and accepts it', async () => {
      assert.equal(await deliver(), 204)
      const { 'content-type': _type, ...attributes } = headers
      const named = Object.entries(attributes).map(([name, value]) => [name.slice('ce-'.length), value])
      assert.deepEqual(events, [{ ...Object.fromEntries(named), data }])
    })

    it('refuses an event by throwing', async ({ mock }) => {
      silence(mock)
      outcome = () => Promise.reject(new Error('not this time'))
      assert.equal(await deliver(), 500)
    })

    it('is not asked about an event that cannot be read', async ({ mock }) => {
      silence(mock)
      assert.ok((await deliver('{')) >= 400)
      assert.deepEqual(events, [])
    })

    it('answers a request', async () => {
      assert.equal(await (await fetch(`${url}/one?two`)).text(), 'GET /one?two')
    })
  })
}
