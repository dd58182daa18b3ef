import { errors, importJWK, jwtVerify, type CryptoKey, type JWTHeaderParameters } from 'jose'
import * as z from 'zod'
import { Problem } from '../../lib/problems.ts'
import type { User } from '../../lib/http/router.ts'
import { isLive, keys, tokenAlgorithm, tokenIssuer, tokenVersionOf, users } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'

/**
 * A thumbprint: what a stranger sends must not become just any record's name. Firestore keeps names such as `__this__` for
 * itself, and fails where it is asked for one.
 */
const keyId = /^(?!__.*__$)[\w-]{1,64}$/

const scheme = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i

/** Who sends this Authorization header. Throws TOKEN_MISSING, TOKEN_EXPIRED or TOKEN_INVALID. */
export async function authenticate(authorization: string | undefined): Promise<User> {
  const { sub: id, ver } = await readToken(authorization)
  const records = await platform().records()
  const { data: user } = await records.get(users, id)
  if (!user || user.disabled) throw unauthorized('TOKEN_INVALID', 'The account of this token is not active.')
  if (ver !== tokenVersionOf(user))
    throw unauthorized('TOKEN_INVALID', 'The token has been ended: sign in again.')
  return { id, email: user.email, role: user.role }
}

/** What the token in this Authorization header says. Whether its account still takes it is another question. Throws as above. */
export async function readToken(authorization: string | undefined): Promise<TokenClaims> {
  if (authorization === undefined) {
    throw unauthorized(
      'TOKEN_MISSING',
      'Send the header `Authorization: Bearer TOKEN`; POST /auth/login gives a token.',
    )
  }
  const token = scheme.exec(authorization)?.[1]
  if (token === undefined)
    throw unauthorized('TOKEN_INVALID', 'The Authorization header is not `Bearer TOKEN`.')
  return verify(token)
}

const seconds = z.number().nonnegative()

// `ver` is missing in tokens of the first version, `auth_time` in those that could not be renewed.
const claims = z
  .object({
    sub: z.string(),
    ver: z.int().default(0),
    iat: seconds.default(0),
    auth_time: seconds.optional(),
  })
  .transform(({ auth_time: loggedInAt, ...said }) => ({ ...said, loggedInAt: loggedInAt ?? said.iat }))

/** What a token of ours says: the user's id, the version that the user's tokens had, and since when (Unix time) the login lasts. */
export type TokenClaims = z.output<typeof claims>

async function verify(token: string): Promise<TokenClaims> {
  const known = verified.get(token)
  if (known && known.expiresAt > Date.now() && isFresh(known)) return known.said
  try {
    const { payload, protectedHeader } = await jwtVerify(token, findKey, {
      algorithms: [tokenAlgorithm],
      issuer: tokenIssuer,
      audience: tokenIssuer,
      requiredClaims: ['sub', 'exp'],
    })
    const said = claims.parse(payload)
    const at = imported.get(protectedHeader.kid ?? '')?.at
    if (at !== undefined) remember(token, { said, expiresAt: (payload.exp ?? 0) * 1000, at })
    return said
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw unauthorized('TOKEN_EXPIRED', 'The token has expired: sign in again.')
    if (error instanceof errors.JOSEError || error instanceof z.ZodError)
      throw unauthorized('TOKEN_INVALID', 'The token is not valid: sign in again.')
    throw error
  }
}

const keptMilliseconds = 60_000

/** A key never changes under its id, but it may be gone: an instance looks again after a minute. */
const imported = new Map<string, { key: CryptoKey | Uint8Array; at: number }>()

const isFresh = ({ at }: { at: number }): boolean => performance.now() - at < keptMilliseconds

interface Verified {
  said: TokenClaims
  /** Milliseconds since 1970. */
  expiresAt: number
  /** When the key that signed it was read: so what it has verified is given up along with it. */
  at: number
}

/**
 * What was signed stays signed, and checking that takes longer than all else that a short answer needs. Whether the account
 * still takes the token is looked up each time.
 */
const verified = new Map<string, Verified>()
const mostVerified = 1000

function remember(token: string, found: Verified): void {
  if (verified.size >= mostVerified) verified.clear()
  verified.set(token, found)
}

async function findKey({ kid }: JWTHeaderParameters): Promise<CryptoKey | Uint8Array> {
  // The header of a token that nobody has checked yet: it may be of any type.
  if (typeof kid !== 'string' || !keyId.test(kid)) throw new errors.JWKSNoMatchingKey()
  const known = imported.get(kid)
  if (known && isFresh(known)) return known.key
  const records = await platform().records()
  const { data, readAt } = await records.get(keys, kid)
  if (!data || !isLive(data, readAt)) throw new errors.JWKSNoMatchingKey()
  const key = await importJWK(data.jwk, tokenAlgorithm)
  imported.set(kid, { key, at: performance.now() })
  return key
}

/** RFC 6750: a refused request names the scheme that would be accepted. */
const unauthorized = (code: 'TOKEN_MISSING' | 'TOKEN_INVALID' | 'TOKEN_EXPIRED', detail: string): Problem =>
  new Problem(code, detail, { headers: { 'WWW-Authenticate': 'Bearer realm="tapedeck"' } })
