import { setTimeout as delay } from 'node:timers/promises'
import { sending, type Client } from '../client.ts'
import { ask, nobodysId, sendJson, sendUntyped, type Ask, type Asks } from './ask.ts'

const accessesPath = '/levels/accesses'
const confirmPath = '/levels/confirm'

const level = (name: string, minCount: number, maxCount: number, storageClass: string): unknown => ({
  name,
  minCount,
  maxCount,
  storageClass,
})
const replaceLevels = (...levels: unknown[]): Ask => ask('/levels', sending('PUT', { levels }))

const sayCount = (client: Client, id: string, count: unknown): Promise<Response> =>
  client.fetch(accessesPath, sending('POST', { id, count }))
const confirmMove = (client: Client, id: string): Promise<Response> =>
  client.fetch(confirmPath, sending('POST', { id }))

const long = sending('POST', { id: 'x'.repeat(70_000) })

/** Where MP3s and MP4s are kept. */
export const levelAsks: Asks = {
  'showLevels 200 application/json': ask('/levels'),
  'replaceLevels 200 application/json': replaceLevels(
    level('silver', 1000, 1999, 'NEARLINE'),
    level('gold', 2000, 2999, 'STANDARD'),
    level('bronze', 0, 999, 'ARCHIVE'),
  ),
  'replaceLevels 400 BAD_JSON': sendJson('PUT', '/levels', '{'),
  'replaceLevels 413 PAYLOAD_TOO_LARGE': replaceLevels('x'.repeat(70_000)),
  'replaceLevels 415 UNSUPPORTED_MEDIA_TYPE': sendUntyped('PUT', '/levels'),
  'replaceLevels 422 UNPROCESSABLE': replaceLevels(level('gold', 1, 999, 'STANDARD')),

  'sayCount 200 application/json': ({ client, small }) => sayCount(client, `${small.id}.mp4`, 1500),
  'sayCount 400 BAD_JSON': sendJson('POST', accessesPath, '{'),
  'sayCount 404 NOT_FOUND': ({ user, small }) => sayCount(user, small.id, 1500),
  'sayCount 413 PAYLOAD_TOO_LARGE': ask(accessesPath, long),
  'sayCount 415 UNSUPPORTED_MEDIA_TYPE': sendUntyped('POST', accessesPath),
  'sayCount 422 UNPROCESSABLE': ({ client, small }) => sayCount(client, small.id, -1),

  'confirmMove 200 application/json': ({ client, large }) => moveTo(client, large.id, 1500),
  'confirmMove 400 BAD_JSON': sendJson('POST', confirmPath, '{'),
  'confirmMove 404 NOT_FOUND': ({ client }) => confirmMove(client, nobodysId),
  'confirmMove 409 MOVE_UNDER_WAY': ({ client, small }) => meetMove(client, small.id),
  'confirmMove 413 PAYLOAD_TOO_LARGE': ask(confirmPath, long),
  'confirmMove 415 UNSUPPORTED_MEDIA_TYPE': sendUntyped('POST', confirmPath),
  'confirmMove 422 UNPROCESSABLE': ask(confirmPath, sending('POST', { id: 1 })),

  'listObjects 200 application/json': async ({ client, large }) => {
    await moveTo(client, large.id, 1500)
    return client.fetch('/levels/objects?level=silver&limit=1')
  },
  'listObjects 422 UNPROCESSABLE': ask('/levels/objects?limit=0'),
  'reportLevels 200 application/json': ask('/levels/report'),
}

/** Says a count, and asks whether the move is done until it is. */
async function moveTo(client: Client, id: string, count: number): Promise<Response> {
  await client.json(accessesPath, sending('POST', { id, count }))
  for (;;) {
    const response = await confirmMove(client, id)
    if (response.status !== 409) return response
    await response.body?.cancel()
    await delay(25)
  }
}

/**
 * Sends an object to and fro until it is found on its way. A move takes a few milliseconds: it is asked for while the count is
 * still being said, by so many at once that hardly a move is done between two of them.
 */
async function meetMove(client: Client, id: string): Promise<Response> {
  for (let round = 0; round < 100; round++) {
    const saying = client.json(accessesPath, sending('POST', { id, count: round % 2 === 0 ? 0 : 2000 }))
    const answers = await Promise.all(Array.from({ length: 20 }, () => confirmMove(client, id)))
    await saying
    const met = answers.find(({ status }) => status === 409)
    for (const answer of answers) if (answer !== met) await answer.body?.cancel()
    if (met) return met
  }
  throw new Error('Every move was done before anybody could find it under way.')
}
