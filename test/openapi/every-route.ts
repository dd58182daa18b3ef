import { signToken, unixTime } from '../tokens.ts'
import { nobodysId, type Ask, type Asks } from './ask.ts'
import type { Operation } from './document.ts'
import type { World } from './world.ts'

/** What goes wrong alike on every route: tokens, and ids in the path. */
export function askWrongly({ method, path }: Operation, code: string): Ask | undefined {
  const at = ({ server }: World, id: string, token?: string): Promise<Response> =>
    fetch(server.apiUrl + path.replace('{id}', id), {
      method,
      redirect: 'manual',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    })
  const wrong: Asks = {
    TOKEN_MISSING: (world) => at(world, nobodysId),
    TOKEN_INVALID: (world) => at(world, nobodysId, `${world.server.token}x`),
    TOKEN_EXPIRED: async (world) => {
      const claims = { sub: 'somebody', exp: unixTime() - 1 }
      return at(world, nobodysId, await signToken(world.signingKey, claims))
    },
    BAD_REQUEST: (world) => at(world, '%FF', world.server.token),
    NOT_FOUND: (world) => at(world, nobodysId, world.server.token),
    FORBIDDEN: (world) => at(world, nobodysId, world.user.token),
  }
  return wrong[code]
}
