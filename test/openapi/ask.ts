import { signUp, type User } from '../accounts.ts'
import { sending } from '../client.ts'
import type { World } from './world.ts'

/** How to get an answer. */
export type Ask = (world: World) => Promise<Response>

/** How to get answers, each by its name: operation, status, and the problem's code or the media type. */
export type Asks = Record<string, Ask>

/** What no job, user or webhook has. */
export const nobodysId = '01a1fac4-0904-7084-9dfd-f61097709add'

type Path = string | ((world: World) => string)

/** Asks as the administrator. */
export const ask =
  (path: Path, init: RequestInit = {}): Ask =>
  (world) =>
    world.client.fetch(typeof path === 'string' ? path : path(world), init)

export const post = (path: Path): Ask => ask(path, { method: 'POST' })

/** Sends a text that is said to be JSON. */
export const sendJson = (method: string, path: string, body: string): Ask =>
  ask(path, { method, body, headers: { 'content-type': 'application/json' } })

/** Sends JSON as something else. */
export const sendUntyped = (method: string, path: string): Ask => ask(path, { method, body: '{}' })

/** A request for an upload session, with these fields changed. */
export const session = (fields: Record<string, unknown> = {}): RequestInit =>
  sending('POST', { filename: 'a.mp4', size: 1, ...fields })

/** A user who has these limits. */
export const limited = ({ client }: World, quota: Record<string, number>): Promise<User> =>
  signUp(client, undefined, quota)

/** A user who has as many jobs as they may have. */
export async function busy(world: World): Promise<User> {
  const user = await limited(world, { jobs: 1 })
  await user.openSession({ filename: 'a.mp4', size: 1 })
  return user
}

/** Asks until the answer is that one has asked too often. */
export async function untilRefused(once: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await once()
    if (response.status === 429) return response
    await response.body?.cancel()
  }
}
