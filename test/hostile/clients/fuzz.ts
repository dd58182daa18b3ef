import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { signUp } from '../../accounts.ts'
import { Client } from '../../client.ts'
import { makeVideo, noVideo } from '../../media.ts'
import { checkAnswer } from '../../openapi/check-answer.ts'
import { readOpenApi, type Operation } from '../../openapi/document.ts'
import { nobodysId } from '../../openapi/ask.ts'
import type { TestServer } from '../../server.ts'
import { forgedTokens } from './testing/authorizations.ts'
import { effort } from '../effort.ts'
import { errorsIn } from './testing/log.ts'
import { send } from './testing/request.ts'
import type { Pool } from './testing/pool.ts'
import { requestsTo, type Asking } from './testing/requests.ts'

const api = await readOpenApi()

const rank = ({ method }: Operation): number => Number(method === 'DELETE')

/** Where a check of a password takes a tenth of a second, fewer do. */
const slow = new Set(['logIn', 'changePassword', 'createAccount'])

/** Requests to every route, as its description lets one make them, and as it does not. */
export function fuzz(server: () => TestServer): void {
  describe('whatever is sent to a route:', () => {
    let client: Client
    const pool: Pool = { ids: [nobodysId], tokens: [] }
    before(async () => {
      client = new Client(server())
      const user = await signUp(client)
      const ready = await client.completed(
        (await client.upload({ filename: 'ready.avi', bytes: await avi() })).id,
      )
      const failed = await client.failed((await client.upload({ filename: 'no.mp4', bytes: noVideo })).id)
      const { job } = await user.openSession({ filename: 'waiting.mp4', size: 1 })
      pool.ids.push(ready.id, failed.id, job.id, user.id)
      pool.tokens.push(client.token, user.token)
    })

    // What deletes comes last: the others need something that is there.
    for (const operation of api.operations.toSorted((one, other) => rank(one) - rank(other)))
      it(`${operation.id} answers as openapi.yaml says, at once`, async () => {
        const [short, long] = slow.has(operation.id) ? [4, 60] : [10, 2000]
        const runs = effort(short, long, api.operations.indexOf(operation))
        const property = fc.asyncProperty(requestsTo(api, operation, pool), async (asking) => {
          await check(asking, await send(server().apiUrl, asking))
        })
        await fc.assert(property, runs)
      })

    it('a token of somebody else’s making is refused', async () => {
      const property = fc.asyncProperty(forgedTokens(client.token), async (authorization) => {
        const asking = { method: 'GET', target: '/auth/me', headers: { authorization } }
        const response = await send(server().apiUrl, asking)
        const { code } = (await response.json()) as { code: string }
        assert.deepEqual([response.status, code], [401, 'TOKEN_INVALID'])
      })
      await fc.assert(property, effort(150, 20_000))
    })

    it('it goes on as before, and nothing is logged as a failure of its own', async () => {
      assert.equal((await client.json<{ role: string }>('/auth/me')).role, 'admin')
      await client.failed((await client.upload({ filename: 'after.mp4', bytes: noVideo })).id)
      assert.deepEqual(errorsIn(server().log()), [])
    })
  })
}

const avi = (): Promise<Buffer<ArrayBuffer>> =>
  makeVideo({ format: ['avi'], audio: ['libmp3lame'], seconds: 1 })

async function check({ operation, isAtHome, json }: Asking, response: Response): Promise<void> {
  const { status } = response
  assert.ok(status < 500, `${status}: ${await response.clone().text()}`)
  const type = response.headers.get('content-type')?.split(';')[0]
  if (status >= 400) assert.equal(type, 'application/problem+json')
  if (!isAtHome) return
  const answer = api.answers.find(
    (other) => other.operation === operation && other.status === String(status) && other.mediaType === type,
  )
  assert.ok(answer, `openapi.yaml promises no ${status} ${type} of ${operation.id}`)
  const text = await response.clone().text()
  assert.doesNotMatch(text, /\.ts\b.*\d|node_modules|\n\s+at /, 'no stack trace')
  const code = status >= 400 ? (JSON.parse(text) as { code: string }).code : undefined
  if (code !== undefined)
    assert.ok(code in answer.examples, `openapi.yaml promises no ${code} of ${operation.id}`)
  await checkAnswer(api, answer, response, code)
  if (json && status < 300) assert.equal(mistakesIn(operation.id, json.value), '')
}

/** What openapi.yaml has against a body that was taken. */
function mistakesIn(operationId: string, value: unknown): string {
  const operation = api.operations.find(({ id }) => id === operationId)
  const body = operation && api.askedBy(operation).body
  return body ? api.mistakes(body.schema.pointer, value) : ''
}
