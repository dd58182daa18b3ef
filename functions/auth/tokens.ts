import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose'
import { readConfig } from '../../lib/config.ts'
import { serverTime } from '../../lib/server-time.ts'
import { isLive, keys, tokenAlgorithm, tokenIssuer } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'

export const tokenSeconds = 24 * 60 * 60

/** How long an instance signs without saying again that the key is in use. */
const renewSeconds = 60 * 60

/** Longer than any token of a key can last after the last time that its use was said: the five minutes are for slow clocks. */
const keepSeconds = tokenSeconds + renewSeconds + 5 * 60

interface SigningKey {
  kid: string
  key: KeyObject
  publicJwk: Record<string, string>
}

let signing: Promise<SigningKey> | undefined
let signingSince = 0

/** The key that SIGNING_KEY holds, once its public half is where every function finds it. */
export function signingKey(): Promise<SigningKey> {
  // Not the time that this process ran: while its machine sleeps, the key grows old as well.
  const now = Date.now()
  if (now - signingSince > renewSeconds * 1000) {
    signing = undefined
    signingSince = now
  }
  signing ??= readSigningKey().catch((error: unknown) => {
    signing = undefined
    throw error
  })
  return signing
}

async function readSigningKey(): Promise<SigningKey> {
  const { SIGNING_KEY } = readConfig(['SIGNING_KEY'])
  if (SIGNING_KEY === undefined)
    throw new Error('SIGNING_KEY is not set: it must hold a private Ed25519 key in PEM.')
  const key = parseKey(SIGNING_KEY)
  const publicKey = createPublicKey(key)
  const kid = await calculateJwkThumbprint(publicKey)
  const { crv = '', x = '' } = await exportJWK(publicKey)
  const publicJwk = { kty: 'OKP', crv, x, kid, alg: tokenAlgorithm, use: 'sig' }
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data, readAt } = await tx.get(keys, kid)
    const purgeAt = new Date(readAt.getTime() + keepSeconds * 1000)
    tx.set(keys, kid, { jwk: publicJwk, createdAt: data?.createdAt ?? serverTime(), purgeAt })
  })
  return { kid, publicJwk, key }
}

/** The public halves (JWK) of all keys whose tokens may still be valid, the newest first. */
export async function publicKeys(): Promise<Record<string, string>[]> {
  await signingKey()
  const records = await platform().records()
  const orderBy = { field: 'createdAt', direction: 'desc' } as const
  const found = await records.query({ collection: keys, orderBy, limit: 100 })
  return found.records.filter(({ data }) => isLive(data, found.readAt)).map(({ data }) => data.jwk)
}

/** A private key in PEM (PKCS #8, RFC 5958 and 8410). No error of another's making: nothing of a key may come into a log. */
function parseKey(pem: string): KeyObject {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch {
    // Said below.
  }
  throw new Error(
    'SIGNING_KEY is not a private Ed25519 key in PEM; `openssl genpkey -algorithm ed25519` makes one.',
  )
}

/** The answer that hands out a token. */
export interface TokenAnswer {
  token: string
  tokenType: 'Bearer'
  /** Seconds. */
  expiresIn: number
}

/**
 * A token (JWT) that names this user for a day, or until the user's tokens have another version. `loggedInAt`: when the password was
 * given (Unix time), if that is not now.
 */
export async function issueToken(
  userId: string,
  tokenVersion = 0,
  loggedInAt?: number,
): Promise<TokenAnswer> {
  const { kid, key } = await signingKey()
  const now = Math.floor(Date.now() / 1000)
  // OpenID Connect's name for it.
  const token = await new SignJWT({ ver: tokenVersion, auth_time: loggedInAt ?? now })
    .setProtectedHeader({ alg: tokenAlgorithm, kid, typ: 'JWT' })
    .setSubject(userId)
    .setIssuer(tokenIssuer)
    .setAudience(tokenIssuer)
    .setIssuedAt(now)
    .setExpirationTime(`${tokenSeconds} s`)
    .sign(key)
  return { token, tokenType: 'Bearer', expiresIn: tokenSeconds }
}
