import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose'
import { readConfig } from '../../lib/config.ts'
import { serverTime } from '../../lib/server-time.ts'
import { keys, tokenAlgorithm, tokenIssuer } from '../../lib/users.ts'
import { platform } from '../../platform/index.ts'

export const tokenSeconds = 24 * 60 * 60

interface SigningKey {
  kid: string
  key: KeyObject
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
    throw new Error('SIGNING_KEY is not set: it must hold a private Ed25519 key in PEM.')
  const key = parseKey(SIGNING_KEY)
  const publicKey = createPublicKey(key)
  const kid = await calculateJwkThumbprint(publicKey)
  const { crv = '', x = '' } = await exportJWK(publicKey)
  const publicJwk = { kty: 'OKP', crv, x, kid, alg: tokenAlgorithm, use: 'sig' }
  const records = await platform().records()
  await records.transact(async (tx) => {
    const { data } = await tx.get(keys, kid)
    if (!data) tx.create(keys, kid, { jwk: publicJwk, createdAt: serverTime() })
  })
  return { kid, publicJwk, key }
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
