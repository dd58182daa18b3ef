import { argon2 as argon2Callback, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { PasswordHash } from '../../lib/users.ts'

const argon2 = promisify(argon2Callback)

// RFC 9106, section 4: the second recommended choice, for where 2 GiB a hash are too much.
const parameters = { algorithm: 'argon2id', memory: 64 * 1024, passes: 3, parallelism: 4 } as const
const hashBytes = 32

/** The argon2id hash of a password, with a new salt. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(16)
  const hash = await derive(password, { ...parameters, salt: salt.toString('base64') })
  return { ...parameters, salt: salt.toString('base64'), hash: hash.toString('base64') }
}

/** Whether a password was hashed otherwise than it would be today. */
export const isOutdated = (stored: PasswordHash): boolean =>
  Object.entries(parameters).some(([name, value]) => stored[name as keyof typeof parameters] !== value)

/** Whether this is the password. Without a hash (no such account) it takes as long and says no. */
export async function verifyPassword(password: string, stored: PasswordHash | undefined): Promise<boolean> {
  const known = stored ?? { ...parameters, salt: randomBytes(16).toString('base64'), hash: '' }
  const derived = await derive(password, known)
  const expected = Buffer.from(known.hash, 'base64')
  return expected.length === derived.length && timingSafeEqual(expected, derived)
}

let last: Promise<unknown> = Promise.resolve()

/** One at a time: each takes 64 MiB, and a thread that files are waiting for as well. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = last.then(work)
  last = turn.catch(() => undefined)
  return turn
}

async function derive(
  password: string,
  { algorithm, ...stored }: Omit<PasswordHash, 'hash'>,
): Promise<Buffer> {
  const { memory, passes, parallelism, salt } = stored
  // The same characters can be typed in several encodings: NFKC makes them one.
  const message = Buffer.from(password.normalize('NFKC'))
  const nonce = Buffer.from(salt, 'base64')
  return inTurn(() =>
    argon2(algorithm, { message, nonce, parallelism, tagLength: hashBytes, memory, passes }),
  )
}
