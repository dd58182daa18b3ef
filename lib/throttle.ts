import type { Collection } from './collection.ts'
import { serverTime, type Writable } from './server-time.ts'

/** How often in a row a password was wrong: for an account, or from an address. */
export interface Throttle {
  failures: number
  lastAt: Date
  /** From then on the failures no longer count. */
  purgeAt: Date
}

export const throttles: Collection<Throttle> = { name: 'throttles' }

/** That an account was signed in to from an address, of late. */
export interface Acquaintance {
  /** From then on it is forgotten. */
  purgeAt: Date
}

export const acquaintances: Collection<Acquaintance> = { name: 'acquaintances' }

const acquaintanceDays = 30

export const newAcquaintance = (now: Date): Acquaintance => ({
  purgeAt: new Date(now.getTime() + acquaintanceDays * 86_400_000),
})

/** The store may delete it later than its time. */
export const isKnown = (acquaintance: Acquaintance | undefined, now: Date): boolean =>
  acquaintance !== undefined && acquaintance.purgeAt > now

const memorySeconds = 15 * 60
const longestWaitSeconds = 60

/** Seconds until the next attempt may be made, where `free` failures cost nothing: 1, 2, 4 … 60 after the last one. */
export function waitSeconds(throttle: Throttle | undefined, free: number, now: Date): number {
  const failures = failuresOf(throttle, now)
  if (!throttle || failures < free) return 0
  const wait = Math.min(longestWaitSeconds, 2 ** (failures - free))
  return Math.max(0, wait - (now.getTime() - throttle.lastAt.getTime()) / 1000)
}

/** One failure more. */
export const withFailure = (throttle: Throttle | undefined, now: Date): Writable<Throttle> => ({
  failures: failuresOf(throttle, now) + 1,
  lastAt: serverTime(),
  purgeAt: new Date(now.getTime() + memorySeconds * 1000),
})

/** One failure less; undefined where none is left. */
export const withoutFailure = (throttle: Throttle | undefined): Throttle | undefined =>
  throttle && throttle.failures > 1 ? { ...throttle, failures: throttle.failures - 1 } : undefined

const failuresOf = (throttle: Throttle | undefined, now: Date): number =>
  throttle && throttle.purgeAt > now ? throttle.failures : 0
