import { calculateJwkThumbprint, exportJWK, SignJWT, type CryptoKey, type JWK } from 'jose'
import { tokenAlgorithm, tokenIssuer } from '../../lib/users.ts'
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
    TOKEN_EXPIRED: async (world) => at(world, nobodysId, await expiredToken(world.signingKey)),
    BAD_REQUEST: (world) => at(world, '%FF', world.server.token),
    NOT_FOUND: (world) => at(world, nobodysId, world.server.token),
    FORBIDDEN: (world) => at(world, nobodysId, world.user.token),
  }
  return wrong[code]
}

/** A token that was right until a second ago. */
async function expiredToken(key: CryptoKey): Promise<string> {
  const { kty, crv, x } = await exportJWK(key)
  const kid = await calculateJwkThumbprint({ kty, crv, x } as JWK)
  return new SignJWT()
    .setProtectedHeader({ alg: tokenAlgorithm, kid })
    .setSubject('somebody')
    .setIssuer(tokenIssuer)
    .setAudience(tokenIssuer)
    .setExpirationTime('-1 s')
    .sign(key)
}
