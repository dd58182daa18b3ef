import { errors, importJWK, jwtVerify, type CryptoKey, type JWTHeaderParameters } from 'jose'
import * as z from 'zod'
import { Problem } from '../../lib/problems.ts'
import type { User } from '../../lib/http/router.ts'
import { keys, tokenAlgorithm, tokenIssuer, users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'

/** A thumbprint: what a stranger sends must not become just any record's name. */
const keyId = /^[\w-]{1,64}$/

const scheme = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i

/** Who sends this Authorization header. Throws TOKEN_MISSING, TOKEN_EXPIRED or TOKEN_INVALID. */
export async function authenticate(authorization: string | undefined): Promise<User> {
  if (authorization === undefined) {
    throw unauthorized(
      'TOKEN_MISSING',
      'Send the header `Authorization: Bearer TOKEN`; POST /auth/login gives a token.',
    )
  }
  const token = scheme.exec(authorization)?.[1]
  if (token === undefined)
    throw unauthorized('TOKEN_INVALID', 'The Authorization header is not `Bearer TOKEN`.')
  const id = await verify(token)
  const records = await platform().records()
  const { data: user } = await records.get(users, id)
  if (!user || user.disabled) throw unauthorized('TOKEN_INVALID', 'The account of this token is not active.')
  return { id, email: user.email, role: user.role }
}

/** The user's id that a token of ours names. */
async function verify(token: string): Promise<string> {
  try {
    const { payload } = await jwtVerify(token, findKey, {
      algorithms: [tokenAlgorithm],
      issuer: tokenIssuer,
      audience: tokenIssuer,
      requiredClaims: ['sub', 'exp'],
    })
    return z.string().parse(payload.sub)
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw unauthorized('TOKEN_EXPIRED', 'The token has expired: sign in again.')
    if (error instanceof errors.JOSEError)
      throw unauthorized('TOKEN_INVALID', 'The token is not valid: sign in again.')
    throw error
  }
}

// A key never changes under its id, so that an instance reads each one once.
const imported = new Map<string, CryptoKey | Uint8Array>()

async function findKey({ kid }: JWTHeaderParameters): Promise<CryptoKey | Uint8Array> {
  if (kid === undefined || !keyId.test(kid)) throw new errors.JWKSNoMatchingKey()
  const known = imported.get(kid)
  if (known) return known
  const records = await platform().records()
  const { data } = await records.get(keys, kid)
  if (!data) throw new errors.JWKSNoMatchingKey()
  const key = await importJWK(data.jwk, tokenAlgorithm)
  imported.set(kid, key)
  return key
}

/** RFC 6750: a refused request names the scheme that would be accepted. */
const unauthorized = (code: 'TOKEN_MISSING' | 'TOKEN_INVALID' | 'TOKEN_EXPIRED', detail: string): Problem =>
  new Problem(code, detail, { headers: { 'WWW-Authenticate': 'Bearer realm="tapedeck"' } })
