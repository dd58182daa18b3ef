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

/** E-mail addresses are the same whatever their case. */
export const normalEmail = (email: string): string => email.trim().toLowerCase()

/** A user's id: the same for every spelling of an address, so that an address can be taken only once. */
export const userId = (email: string): string =>
  createHash('sha256').update(normalEmail(email)).digest('hex').slice(0, 32)

export const tokenIssuer = 'tapedeck'
export const tokenAlgorithm = 'EdDSA'
