import { createHash } from 'node:crypto'
import type { Collection } from './collection.ts'
import type { OwnLimits } from './quota.ts'

/** An argon2id hash with the parameters that made it (RFC 9106). */
export interface PasswordHash {
  algorithm: 'argon2id'
  /** KiB. */
  memory: number
  passes: number
  parallelism: number
  /** base64 */
  salt: string
  /** base64 */
  hash: string
}

export interface UserRecord {
  email: string
  role: 'admin' | 'user'
  password: PasswordHash
  disabled: boolean
  /** Only tokens of this version are valid; it rises with whatever ends the older ones. Missing means 0. */
  tokenVersion?: number
  /** Whether a mail is sent when a job has ended. Missing means yes. */
  notifications?: { mail: boolean }
  /** The limits that an administrator has set for it. */
  quota?: OwnLimits
  createdAt: Date
}

export const users: Collection<UserRecord> = { name: 'users' }

/** The version that tokens of this user must have. */
export const tokenVersionOf = ({ tokenVersion = 0 }: Pick<UserRecord, 'tokenVersion'>): number => tokenVersion

/** A public key (JWK) that tokens may be signed with, by its `kid`. */
export interface KeyRecord {
  jwk: Record<string, string>
  createdAt: Date
  /** When its last token has run out for certain: the key is gone then. Each use puts it off; the first version had none. */
  purgeAt?: Date
}

export const keys: Collection<KeyRecord> = { name: 'keys' }

/** Whether tokens of this key may still be valid. */
export const isLive = ({ purgeAt }: KeyRecord, now: Date): boolean => purgeAt === undefined || purgeAt > now

/**
 * An e-mail address as it is kept and written to: the same whatever its case, and however its accents were typed (RFC 6532: "in
 * normalization form NFC"). The small letter of the Turkish `İ` is `i`: with the dot that Unicode adds it would be another address.
 */
export const normalEmail = (email: string): string =>
  email
    .trim()
    .normalize('NFC')
    .toLowerCase()
    .replace(/i\u0307+/g, 'i')
    .normalize('NFC')

/**
 * What all addresses have in common that look alike: letters count as those that they are compatible with (`ａ` as `a`), and what is
 * never seen does not count. Letters of different scripts stay different, however much they look alike: each may be somebody's.
 */
const lookOf = (email: string): string =>
  normalEmail(email)
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .replaceAll('ς', 'σ')
    .normalize('NFKC')

/** A user's id: the same for every spelling of an address, so that an address can be taken only once. */
export const userId = (email: string): string =>
  createHash('sha256').update(lookOf(email)).digest('hex').slice(0, 32)

export const tokenIssuer = 'tapedeck'
export const tokenAlgorithm = 'EdDSA'
