import { calculateJwkThumbprint, exportJWK, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose'
import { tokenAlgorithm, tokenIssuer } from '../lib/users.ts'

/** A token as the server signs it that has this key, with these claims. */
export async function signToken(key: CryptoKey, claims: JWTPayload): Promise<string> {
  const { kty, crv, x } = await exportJWK(key)
  const kid = await calculateJwkThumbprint({ kty, crv, x } as JWK)
  return new SignJWT({ iss: tokenIssuer, aud: tokenIssuer, ...claims })
    .setProtectedHeader({ alg: tokenAlgorithm, kid })
    .sign(key)
}

/** Seconds since 1970. */
export const unixTime = (): number => Math.floor(Date.now() / 1000)
