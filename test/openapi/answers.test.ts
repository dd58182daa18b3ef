import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { accountAsks } from './accounts.ts'
import { nobodysId, type Asks } from './ask.ts'
import { checkAnswer } from './check-answer.ts'
import { isProblem, readOpenApi } from './document.ts'
import { downloadAsks } from './downloads.ts'
import { askWrongly } from './every-route.ts'
import { jobAsks } from './jobs.ts'
import { levelAsks } from './levels.ts'
import { uploadAsks } from './uploads.ts'
import { makeWorld, type World } from './world.ts'

const api = await readOpenApi()

const asks: Asks = { ...accountAsks, ...uploadAsks, ...jobAsks, ...downloadAsks, ...levelAsks }

/** Every answer that openapi.yaml promises, with its name: operation, status, and the problem's code or the media type. */
const promised = api.answers
  .filter(({ status }) => status !== 'default')
  .flatMap((answer) => {
    const kinds = isProblem(answer) ? Object.keys(answer.examples) : [answer.mediaType]
    return kinds.map((kind) => ({
      answer,
      kind,
      name: [answer.operation.id, answer.status, kind].filter((part) => part !== undefined).join(' '),
    }))
  })

describe('The server answers as openapi.yaml says:', { timeout: 180_000 }, () => {
  let world: World
  before(async () => {
    world = await makeWorld()
  })
  after(() => world?.end())

  for (const { answer, kind, name } of promised) {
    const ask = asks[name] ?? askWrongly(answer.operation, kind ?? '')
    it(name, async () => {
      assert.ok(ask, 'test/openapi must say how to get this answer')
      await checkAnswer(api, answer, await ask(world), kind)
    })
  }

  it('nothing that is asked for here is missing there', () => {
    const names = new Set(promised.map(({ name }) => name))
    assert.deepEqual(new Set(Object.keys(asks)).difference(names), new Set())
  })

  it('a method that a path does not have is refused, with those that it has', async () => {
    for (const failure of api.answers.filter(({ status }) => status === 'default')) {
      const { method, path } = failure.operation
      const known = api.operations.filter((other) => other.path === path).map((other) => other.method)
      const unknown = ['PATCH', 'DELETE'].find((other) => !known.includes(other)) ?? ''
      const response = await world.client.fetch(path.replace('{id}', nobodysId), { method: unknown })
      assert.equal(response.status, 405)
      assert.ok(response.headers.get('allow')?.split(', ').includes(method), `${method} ${path}`)
      await checkAnswer(api, failure, response, 'METHOD_NOT_ALLOWED')
    }
  })
})
