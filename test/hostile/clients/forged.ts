import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { functions } from '../../../lib/functions.ts'
import { Client, type JobView, type ProblemBody } from '../../client.ts'
import type { TestServer } from '../../server.ts'
import { errorsIn } from './testing/log.ts'

const finalized = 'google.cloud.storage.object.v1.finalized'
const published = 'google.cloud.pubsub.topic.v1.messagePublished'

const eventFunctions = Object.entries(functions).filter(([, { trigger }]) => trigger.kind !== 'http')
const httpFunctions = Object.entries(functions).filter(([, { trigger }]) => trigger.kind === 'http')

/** Events of somebody else's making. */
export function forgedEvents(server: () => TestServer): void {
  describe('somebody who makes up events', () => {
    let client: Client
    let waiting: JobView
    let jobs: JobView[]
    let stored: number
    before(async () => {
      client = new Client(server())
      ;({ job: waiting } = await client.openSession({ filename: 'waiting.mp4', size: 5 }))
      jobs = await client.list()
      stored = await server().countStored()
    })

    /** What the function would take, if it came from where events come from. */
    function eventFor(kind: string): { type: string; data: unknown } {
      if (kind === 'finalize') {
        const name = `uploads/${waiting.id}`
        const data = { bucket: 'source', name, generation: '1', size: '5', timeCreated: new Date() }
        return { type: finalized, data }
      }
      const message = { jobId: waiting.id, object: `${waiting.id}.mp3`, levelsChanged: true }
      const data = Buffer.from(JSON.stringify(message)).toString('base64')
      return { type: published, data: { message: { data } } }
    }

    const binary = (type: string, data: unknown): RequestInit => ({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': '1',
        'ce-type': type,
        'ce-source': '//storage.googleapis.com/projects/_/buckets/source',
        'ce-time': new Date().toISOString(),
      },
      body: JSON.stringify(data),
    })
    const structured = (type: string, data: unknown): RequestInit => ({
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json' },
      body: JSON.stringify({ specversion: '1.0', id: '1', type, source: '//example', data }),
    })
    const pushed = (_type: string, data: unknown): RequestInit => ({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...(data as object), subscription: 'projects/p/subscriptions/s' }),
    })

    const secrets: [what: string, headers: Record<string, string>][] = [
      ['none', {}],
      ['an empty one', { 'x-tapedeck-bus': '' }],
      ['a wrong one', { 'x-tapedeck-bus': 'x' }],
      ['a wrong one of the right length', { 'x-tapedeck-bus': '0'.repeat(64) }],
      ['one of characters that are longer than they look', { 'x-tapedeck-bus': '\xfc'.repeat(64) }],
      ['an admin’s token', { authorization: 'TOKEN' }],
    ]
    for (const [name, { trigger }] of eventFunctions)
      it(`gets nothing from ${name}, in whatever shape, with whatever secret`, async () => {
        const { type, data } = eventFor(trigger.kind)
        for (const [what, extra] of secrets)
          for (const shape of [binary, structured, pushed])
            for (const path of [`/${name}`, `/${name}/`, `/${name}?x=1`]) {
              const init = shape(type, data)
              const token = extra['authorization'] ? { authorization: `Bearer ${server().token}` } : extra
              const headers = { ...(init.headers as Record<string, string>), ...token }
              const response = await fetch(server().apiUrl + path, { ...init, headers })
              const { code } = (await response.json()) as ProblemBody
              assert.deepEqual([response.status, code], [404, 'NOT_FOUND'], `${path} with ${what}`)
            }
      })

    it('gets nothing from functions that take no events either', async () => {
      for (const [name] of httpFunctions)
        for (const { type, data } of [eventFor('finalize'), eventFor('topic')])
          for (const shape of [binary, structured, pushed]) {
            const response = await fetch(`${server().apiUrl}/${name}`, shape(type, data))
            await response.body?.cancel()
            assert.ok([401, 404, 405].includes(response.status), `${name}: ${response.status}`)
          }
    })

    it('has changed nothing', async () => {
      assert.deepEqual(await client.list(), jobs)
      assert.equal(await server().countStored(), stored)
      assert.deepEqual(errorsIn(server().log()), [])
    })
  })
}
