import { calculateJwkThumbprint, importJWK, SignJWT, type CryptoKey } from 'jose'
import { z } from 'zod'
import { readConfig } from '../../lib/config.ts'
import { serverTime } from '../../lib/server-time.ts'
import { keys, tokenAlgorithm, tokenIssuer } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'

export const tokenSeconds = 24 * 60 * 60

/** RFC 8037: `d` is the private part, `x` the public one. */
const privateJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string(),
  d: z.string(),
})

interface SigningKey {
  kid: string
  key: CryptoKey | Uint8Array
  publicJwk: Record<string, string>
}

let signing: Promise<SigningKey> | undefined

/** The key that SIGNING_KEY holds, once its public half is where every function finds it. */
export function signingKey(): Promise<SigningKey> {
  signing ??= readSigningKey().catch((error: unknown) => {
    signing = undefined
    throw error
  })
  return signing
}

async function readSigningKey(): Promise<SigningKey> {
  const { SIGNING_KEY } = readConfig(['SIGNING_KEY'])
  if (SIGNING_KEY === undefined)
    throw new Error('SIGNING_KEY is not set: it must hold a private Ed25519 key as a JWK.')
  const { d, ...publicPart } = parseKey(SIGNING_KEY)
  const kid = await calculateJwkThumbprint(publicPart)
  const publicJwk = { ...publicPart, kid, alg: tokenAlgorithm, use: 'sig' }
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data } = await tx.get(keys, kid)
    if (!data) tx.create(keys, kid, { jwk: publicJwk, createdAt: serverTime() })
  })
  return { kid, publicJwk, key: await importJWK({ ...publicPart, d }, tokenAlgorithm) }
}

/** JSON's own errors quote what they cannot read: nothing of a key may come into a log. */
function parseKey(text: string): z.output<typeof privateJwk> {
  try {
    return privateJwk.parse(JSON.parse(text))
  } catch {
    throw new Error(
      'SIGNING_KEY is not a private Ed25519 key as a JWK: {"kty":"OKP","crv":"Ed25519","x":…,"d":…}.',
    )
  }
}

/** A token (JWT) that names this user for a day. */
export async function issueToken(userId: string): Promise<string> {
  const { kid, key } = await signingKey()
  return new SignJWT()
    .setProtectedHeader({ alg: tokenAlgorithm, kid, typ: 'JWT' })
    .setSubject(userId)
    .setIssuer(tokenIssuer)
    .setAudience(tokenIssuer)
    .setIssuedAt()
    .setExpirationTime(`${tokenSeconds} s`)
    .sign(key)
}
